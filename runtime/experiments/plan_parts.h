/// A run's plan as what it consists of, to be held against that of an unfinished run.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace hdecomp {

/// Each by its name: "the option by" is "activation".
using PlanParts = std::vector<std::pair<std::string, std::string>>;

/// Throws UserError, one line that begins with `path`, where they differ.
void require_same(const std::string& path, const PlanParts& theirs, const PlanParts& ours);

std::vector<uint8_t> packed_parts(const PlanParts& parts);
PlanParts unpacked_parts(std::span<const uint8_t> bytes);

}  // namespace hdecomp
