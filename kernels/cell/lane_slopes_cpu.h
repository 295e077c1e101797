/// The derivatives of lane_functions_cpu.h's functions, of neighbouring floats at once.
#pragma once

#include "kernels/cell/lane_functions_cpu.h"

namespace hdecomp::cpu {

/// Whether a slope takes longer to find than to load: those of comparisons do not.
constexpr bool has_costly_slope(Function function) {
  return function != Function::clip && function != Function::leaky_relu &&
         function != Function::hard_swish;
}

/// Calls body(slope of lanes): derivative_of(), the choice of the function outside the loops. e is
/// the exponential of -|x|, so that nothing overflows or cancels.
template <class Body>
void with_slope(const ScalarFunction& f, Body&& body) {
  const auto small = [](const Lanes& x) { return exponential(x < 0 ? x : -x); };
  const auto constant = [](float value) { return in_all_lanes(value); };
  switch (f.function) {
    case Function::clip:
      return body([&](const Lanes& x) {
        const Lanes below_end = x <= f.beta ? constant(1) : Lanes{};
        return x >= f.alpha ? below_end : Lanes{};
      });
    case Function::leaky_relu:
      return body([&](const Lanes& x) { return x < 0 ? constant(f.alpha) : constant(1); });
    case Function::sigmoid:
      return body([&](const Lanes& x) {
        const Lanes e = small(x);
        return e / ((1 + e) * (1 + e));
      });
    case Function::silu:
      return body([&](const Lanes& x) {
        const Lanes e = small(x), p = 1 / (1 + e);
        return (x < 0 ? e * p : p) + x * e * p * p;
      });
    case Function::hard_swish:
      return body([&](const Lanes& x) {
        const Lanes inside = x <= 3 ? x / 3 + 0.5f : constant(1);
        return x < -3 ? Lanes{} : inside;
      });
    case Function::gelu:
      return body([&](const Lanes& x) {
        return normal_below(x) + x * 0.3989422804f * exponential(-0.5f * x * x);
      });
    default:
      return body([&](const Lanes& x) {
        return one_by_one(x, [&](float v) { return derivative_of(f, v); });
      });
  }
}

}  // namespace hdecomp::cpu
