/// Extents for code that counts in 32 bits: kernels and cuDNN.
#pragma once

#include <cstdint>
#include <utility>

#include "hdecomp/error.h"

namespace hdecomp {

/// The same number as an int. Throws Error that names it if it does not fit.
inline int narrowed(int64_t value) {
  if (!std::in_range<int>(value)) throw Error(text(value, " does not fit in 32 bits"));
  return static_cast<int>(value);
}

}  // namespace hdecomp
