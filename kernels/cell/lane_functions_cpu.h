/// The functions that networks put between their layers, of neighbouring floats at once, within a
/// few roundings of scalar_function.h's.
#pragma once

#include "kernels/core/scalar_function.h"
#include "kernels/product/lane_activation_cpu.h"

namespace hdecomp::cpu {

/// A NaN stays one.
inline Lanes clipped(const Lanes& x, float low, float high) {
  return at_most(high, at_least(low, x));
}

/// e^x for x in [-87, 88], beyond it that of the nearer bound; a NaN stays one. x = n log 2 + r,
/// and e^r = 1 + r + r^2 q(r), q fitted to |r| <= log(2) / 2 with an error of e^r below 1e-8.
inline Lanes exponential(const Lanes& exponent) {
  constexpr float rounder = 0x1.8p23f;  // adding it leaves a whole number in the lowest bits
  constexpr float high_log2 = 0.693359375f, low_log2 = -2.12194440e-4f;
  const Lanes x = clipped(exponent, -87, 88);
  const Lanes shifted = x * 1.44269504f + rounder, n = shifted - rounder;
  const Lanes r = x - n * high_log2 - n * low_log2;
  const Lanes q =
      (((0.0013950486f * r + 0.008368888f) * r + 0.041666206f) * r + 0.16666518f) * r + 0.5f;
  LaneInts power;
  std::memcpy(&power, &shifted, sizeof power);
  power = (power << 23) + (127 << 23);  // of 2^n
  Lanes scale;
  std::memcpy(&scale, &power, sizeof scale);
  return scale * (r * r * q + r + 1);
}

/// The share of a normal distribution below x: half of erfc(t), t = |x| / sqrt 2, from the side
/// where nothing cancels. log(erfc(t)) = t p(t), p fitted to t <= 4.2 with an error of erfc below
/// 1e-9; beyond it erfc is less than 3e-9 and taken for 0.
inline Lanes normal_below(const Lanes& x) {
  const Lanes t = (x < 0 ? -x : x) * 0.7071067812f;
  Lanes p = in_all_lanes(-1.1992959e-6f);
  for (const float c :
       {2.13392796e-5f, -1.66991624e-4f, 7.38311152e-4f, -1.79399247e-3f, 2.46491923e-4f,
        1.91221759e-2f, -1.02772906e-1f, -6.36619568e-1f, -1.12837923f}) {
    p = p * t + c;
  }
  const Lanes tail = t > 4.2f ? Lanes{} : 0.5f * exponential(t * p);
  return x < 0 ? tail : 1 - tail;
}

/// f(x), lane by lane: of those functions alone that the processor has no faster way for.
template <class F>
Lanes one_by_one(const Lanes& x, F f) {
  Lanes values;
  for (int64_t i = 0; i < lanes; ++i) values[i] = f(x[i]);
  return values;
}

/// Calls body(function of lanes): the choice of the function stands outside the body's loops.
template <class Body>
void with_lane_function(const ScalarFunction& f, Body&& body) {
  switch (f.function) {
    case Function::clip:
      return body([f](const Lanes& x) { return clipped(x, f.alpha, f.beta); });
    case Function::leaky_relu:
      return body([f](const Lanes& x) { return x < 0 ? f.alpha * x : x; });
    case Function::sigmoid:
      return body([](const Lanes& x) { return 1 / (1 + exponential(-x)); });
    case Function::hard_sigmoid:
      return body([f](const Lanes& x) { return clipped(f.alpha * x + f.beta, 0, 1); });
    case Function::silu:
      return body([](const Lanes& x) { return x / (1 + exponential(-x)); });
    case Function::hard_swish:
      return body([](const Lanes& x) { return x * clipped(x / 6 + 0.5f, 0, 1); });
    case Function::gelu:
      return body([](const Lanes& x) { return x * normal_below(x); });
    default:
      return body(
          [f](const Lanes& x) { return one_by_one(x, [&](float v) { return value_of(f, v); }); });
  }
}

}  // namespace hdecomp::cpu
