/// Extents for the device, which counts several times as fast in 32 bits.
#pragma once

#include <cstdint>
#include <limits>

#include "hdecomp/error.h"

namespace hdecomp::cuda {

/// Throws Error, which begins with `op`, where the value does not fit.
inline int32_t narrowed(const char* op, int64_t value) {
  if (value < std::numeric_limits<int32_t>::min() || value > std::numeric_limits<int32_t>::max()) {
    throw Error(text(op, " on the GPU: ", value, " does not fit in 32 bits"));
  }
  return static_cast<int32_t>(value);
}

}  // namespace hdecomp::cuda
