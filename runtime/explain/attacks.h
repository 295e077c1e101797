/// What attacks do to photographs, their classes, and the channels that those hang on.
#pragma once

#include <span>
#include <vector>

#include "runtime/attack/pgd.h"
#include "runtime/explain/network_runner.h"

namespace hdecomp {

/// Attacks up to a batch of images together and looks at what came of them; the features are those
/// of the photographs afterwards. Throws UserError for the options, ImageError as a forward pass.
std::vector<Attacked> attack_all(NetworkRunner& network, std::span<const PgdImage> images,
                                 const AttackOptions& options);

}  // namespace hdecomp
