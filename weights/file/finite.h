/// Looking for NaN and infinity at memory speed.
#pragma once

#include <cstdint>
#include <span>

namespace hdecomp {

/// The position of the first value that is not finite, or -1.
int64_t first_not_finite(std::span<const float> values);

/// The same on the calling thread alone.
int64_t first_not_finite_here(std::span<const float> values);

}  // namespace hdecomp
