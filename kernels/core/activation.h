/// What a layer ends with: the function that its sums go through, and what its gradient passes. One
/// place for host and device: nvcc compiles constexpr functions for both.
#pragma once

#include <type_traits>

namespace hdecomp {

/// ReLU6 is min(max(x, 0), 6).
enum class Activation { none, relu, relu6 };

/// As model files write it; null for a number that is no activation.
constexpr const char* name_of(Activation activation) {
  switch (activation) {
    case Activation::none:
      return "none";
    case Activation::relu:
      return "relu";
    case Activation::relu6:
      return "relu6";
  }
  return nullptr;
}

/// The layer's output, the paper's feature F. A NaN stays one, so that an overflow comes to light.
constexpr float activated(Activation activation, float sum) {
  if (activation == Activation::none) return sum;
  const float above_zero = sum < 0 ? 0.0f : sum;
  return activation == Activation::relu6 && above_zero > 6 ? 6.0f : above_zero;
}

/// Whether the gradient goes on to the sum where the output is `feature`. An output at a bound does
/// not tell on which side the sum was: it counts as outside.
constexpr bool passes(Activation activation, float feature) {
  if (activation == Activation::none) return true;
  return feature > 0 && (activation == Activation::relu || feature < 6);
}

/// Whether a positive feature may have no gradient of its own.
constexpr bool has_upper_bound(Activation activation) { return activation == Activation::relu6; }

/// Calls body(constant) with the activation as a std::integral_constant, so that the body's loops
/// hold no choice.
template <class Body>
void with_constant(Activation activation, Body&& body) {
  switch (activation) {
    case Activation::none:
      return body(std::integral_constant<Activation, Activation::none>{});
    case Activation::relu:
      return body(std::integral_constant<Activation, Activation::relu>{});
    case Activation::relu6:
      return body(std::integral_constant<Activation, Activation::relu6>{});
  }
}

}  // namespace hdecomp
