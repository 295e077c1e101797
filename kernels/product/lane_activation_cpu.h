/// What a layer ends with, of neighbouring floats at once: the lane forms of core/activation.h.
#pragma once

#include "kernels/core/activation.h"
#include "kernels/loops/lanes_cpu.h"

namespace hdecomp::cpu {

inline Lanes in_all_lanes(float value) { return Lanes{} + value; }
inline Lanes at_least(float low, const Lanes& x) { return larger(in_all_lanes(low), x); }
inline Lanes at_most(float high, const Lanes& x) { return smaller(in_all_lanes(high), x); }

/// activated().
inline Lanes activated_lanes(Activation activation, const Lanes& sum) {
  if (activation == Activation::none) return sum;
  const Lanes above_zero = at_least(0, sum);
  return activation == Activation::relu6 ? at_most(6, above_zero) : above_zero;
}

/// What an activation lets down of gradients `g` where the features are `f` (passes()): at least
/// `least` of each. `kind`: with_constant()'s.
template <class Kind>
Lanes passed(Kind kind, const Lanes& g, const Lanes& f, const Lanes& least) {
  const Lanes kept = larger(least, g);
  if (kind() == Activation::none) return kept;
  const Lanes above_zero = f > 0 ? kept : Lanes{};
  return kind() == Activation::relu6 ? (f < 6 ? above_zero : Lanes{}) : above_zero;
}

}  // namespace hdecomp::cpu
