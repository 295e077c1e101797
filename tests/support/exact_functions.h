/// Functions of one number and their derivatives in double precision, written from nets/README.md's
/// table.
#pragma once

#include <algorithm>
#include <cmath>

#include "nets/op_traits.h"

namespace hdecomp::testing_models {

/// A derivative, and how large what it is computed from is: cancellation makes it smaller.
struct Slope {
  double value = 0, size = 0;
  Slope(double v) : value(v), size(std::abs(v)) {}
  Slope(double v, double s) : value(v), size(s) {}
};

inline double sigmoid_of(double x) { return 1 / (1 + std::exp(-x)); }

inline double exact_value(const ScalarFunction& f, double x) {
  const double alpha = f.alpha, beta = f.beta;
  switch (f.function) {
    case Function::clip:
      return std::min(std::max(x, alpha), beta);
    case Function::leaky_relu:
      return x < 0 ? alpha * x : x;
    case Function::elu:
      return x < 0 ? alpha * std::expm1(x) : x;
    case Function::sigmoid:
      return sigmoid_of(x);
    case Function::hard_sigmoid:
      return std::clamp(alpha * x + beta, 0.0, 1.0);
    case Function::silu:
      return x * sigmoid_of(x);
    case Function::hard_swish:
      return x * std::clamp(x / 6 + 0.5, 0.0, 1.0);
    case Function::tanh:
      return std::tanh(x);
    case Function::gelu:
      return 0.5 * x * (1 + std::erf(x * M_SQRT1_2));
    case Function::gelu_tanh:
      return 0.5 * x * (1 + std::tanh(std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x)));
    case Function::softplus:
      return std::log1p(std::exp(-std::abs(x))) + std::max(x, 0.0);
    case Function::power:
      return std::pow(x, alpha);
    case Function::abs:
      return std::abs(x);
    case Function::exp:
      return std::exp(x);
    case Function::log:
      return std::log(x);
    case Function::sin:
      return std::sin(x);
    case Function::cos:
      return std::cos(x);
    case Function::erf:
      return std::erf(x);
  }
  return x;
}

inline Slope exact_slope(const ScalarFunction& f, double x) {
  const double alpha = f.alpha, s = sigmoid_of(x);
  switch (f.function) {
    case Function::clip:
      return x >= alpha && x <= f.beta ? 1.0 : 0.0;
    case Function::leaky_relu:
      return x < 0 ? alpha : 1.0;
    case Function::elu:
      return x < 0 ? alpha * std::exp(x) : 1.0;
    case Function::sigmoid:
    case Function::softplus:
      return f.function == Function::sigmoid ? s * (1 - s) : s;
    case Function::hard_sigmoid: {
      // As float32 sees it: which side of a corner x is on is no rounding.
      const float line = f.alpha * static_cast<float>(x) + f.beta;
      return line >= 0 && line <= 1 ? alpha : 0.0;
    }
    case Function::silu:
      return {s + x * s * (1 - s), s + std::abs(x) * s * (1 - s)};
    case Function::hard_swish:
      return x < -3 ? Slope(0) : x > 3 ? Slope(1) : Slope(x / 3 + 0.5, std::abs(x) / 3 + 0.5);
    case Function::tanh: {
      const double t = std::tanh(x);
      return {1 - t * t, 1 + t * t};
    }
    case Function::gelu: {
      const double density = x * std::exp(-0.5 * x * x) / std::sqrt(2 * M_PI);
      const double share = std::erf(x * M_SQRT1_2);
      return {0.5 * (1 + share) + density, 0.5 * (1 + std::abs(share)) + std::abs(density)};
    }
    case Function::gelu_tanh: {
      const double t = std::tanh(std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x));
      const double inner = std::sqrt(2 / M_PI) * (1 + 3 * 0.044715 * x * x);
      const double second = 0.5 * x * inner;
      return {0.5 * (1 + t) + second * (1 - t * t),
              0.5 * (1 + std::abs(t)) + std::abs(second) * (1 + t * t)};
    }
    case Function::power:
      return x == 0 && alpha < 1 ? 0.0 : alpha * std::pow(x, alpha - 1);
    case Function::abs:
      return x == 0 ? 0.0 : x < 0 ? -1.0 : 1.0;
    case Function::exp:
      return std::exp(x);
    case Function::log:
      return x == 0 ? 0.0 : 1 / x;
    case Function::sin:
      return std::cos(x);
    case Function::cos:
      return -std::sin(x);
    case Function::erf:
      return 2 / std::sqrt(M_PI) * std::exp(-x * x);
  }
  return 1.0;
}

}  // namespace hdecomp::testing_models
