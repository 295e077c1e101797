/// Extents for code that counts in 32 bits: kernels and cuDNN.
#pragma once

#include <cstdint>
#include <utility>

#include "hdecomp/error.h"

namespace hdecomp {

/// The same number as an int. Throws Error that names it if it does not fit.
inline int to_int(int64_t value) {
  if (!std::in_range<int>(value)) throw Error(joined(value, " does not fit in 32 bits"));
  return static_cast<int>(value);
}

/// The same number, below 2^28, so that products of two steps or cells with one map side fit in 32
/// bits. Throws Error that names it otherwise.
inline int32_t device_extent(int64_t value) {
  if (value < 0 || value >= int64_t{1} << 28) {
    throw Error(joined("an extent of ", value, " on the GPU; it must be below 2^28"));
  }
  return static_cast<int32_t>(value);
}

}  // namespace hdecomp
