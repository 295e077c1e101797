/// What a layer ends with: the function that its sums go through, and what its gradient passes. One
/// place for host and device: nvcc compiles constexpr functions for both.
#pragma once

#include <type_traits>

namespace hdecomp {

enum class Activation { none, relu };

/// The layer's output, the paper's feature F. A NaN stays one, so that an overflow comes to light.
constexpr float activated(Activation activation, float sum) {
  return activation == Activation::relu && sum < 0 ? 0.0f : sum;
}

/// Whether the gradient goes on to the sum where the output is `feature`.
constexpr bool passes(Activation activation, float feature) {
  return activation == Activation::none || feature > 0;
}

/// Calls body(constant) with the activation as a std::integral_constant, so that the body's loops
/// hold no choice.
template <class Body>
void with_constant(Activation activation, Body&& body) {
  switch (activation) {
    case Activation::none:
      return body(std::integral_constant<Activation, Activation::none>{});
    case Activation::relu:
      return body(std::integral_constant<Activation, Activation::relu>{});
  }
}

}  // namespace hdecomp
