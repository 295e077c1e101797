/// What attacks do to photographs, their classes, and the channels that those hang on.
#pragma once

#include <span>
#include <vector>

#include "runtime/attack/pgd.h"
#include "runtime/explain/network_runner.h"

namespace hdecomp {

/// What of Attacked is found: all, or all but `seen` and `fooled_in_8_bits`, which takes a forward
/// pass.
enum class AttackedParts { all, measured };

/// Attacks up to a batch of photographs together, each by its classes, and looks at what came of
/// them; where channels are asked for the features are those of the photographs afterwards. `ran`:
/// so they are before. Throws UserError for the options, ImageError as a forward pass.
std::vector<Attacked> attack_all(NetworkRunner& network, std::span<const Image> photos,
                                 std::span<const PgdClasses> classes, const AttackOptions& options,
                                 AttackedParts parts, bool ran);

}  // namespace hdecomp
