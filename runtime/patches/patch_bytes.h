/// What a batch adds as bytes: from rank to rank, and as a record of a run's log.
#pragma once

#include <span>
#include <vector>

#include "hdecomp/patches.h"

namespace hdecomp {

std::vector<uint8_t> packed(const PatchNews& news);
/// Throws Error where the bytes end too soon, or name a crop that they do not have.
PatchNews unpacked_news(std::span<const uint8_t> bytes);

}  // namespace hdecomp
