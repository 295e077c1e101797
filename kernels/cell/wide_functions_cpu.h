/// The costliest of the functions between layers, of sixteen floats at once.
#pragma once

#include <cstdint>

#include "kernels/core/scalar_function.h"

namespace hdecomp::cpu {

/// y = f(x) of `count` floats; `y` may be `x`.
using WideFunction = void (*)(const float* x, int64_t count, float* y);

/// The processor's, to a few roundings of scalar_function.h's; null where it has no AVX-512, or the
/// function is fast enough without.
WideFunction wide_function(Function function);

}  // namespace hdecomp::cpu
