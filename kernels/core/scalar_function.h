/// The functions of one number that networks put between their layers, and their derivatives. One
/// place for host and device: nvcc compiles constexpr functions for both. ReLU is not among them:
/// it is a part of the node it follows (activation.h).
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>

namespace hdecomp {

enum class Function {
  clip,          // min(max(x, alpha), beta); ReLU6 of its own is alpha = 0, beta = 6
  leaky_relu,    // x < 0: alpha x
  elu,           // x < 0: alpha (e^x - 1)
  sigmoid,       // 1 / (1 + e^-x)
  hard_sigmoid,  // min(max(alpha x + beta, 0), 1); PyTorch: alpha = 1 / 6, beta = 1 / 2
  silu,          // x sigmoid(x)
  hard_swish,    // x min(max(x / 6 + 1 / 2, 0), 1)
  tanh,
  gelu,       // x (1 + erf(x / sqrt 2)) / 2
  gelu_tanh,  // x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2
  softplus,   // log(1 + e^x)
  power,      // x^alpha; of x below 0 a number for whole alphas alone
  abs,
  exp,
  log,  // of x above 0
  sin,
  cos,
  erf,
};

/// As model files write it; null for a number that is no function.
constexpr const char* name_of(Function function) {
  switch (function) {
    case Function::clip:
      return "clip";
    case Function::leaky_relu:
      return "leaky_relu";
    case Function::elu:
      return "elu";
    case Function::sigmoid:
      return "sigmoid";
    case Function::hard_sigmoid:
      return "hard_sigmoid";
    case Function::silu:
      return "silu";
    case Function::hard_swish:
      return "hard_swish";
    case Function::tanh:
      return "tanh";
    case Function::gelu:
      return "gelu";
    case Function::gelu_tanh:
      return "gelu_tanh";
    case Function::softplus:
      return "softplus";
    case Function::power:
      return "power";
    case Function::abs:
      return "abs";
    case Function::exp:
      return "exp";
    case Function::log:
      return "log";
    case Function::sin:
      return "sin";
    case Function::cos:
      return "cos";
    case Function::erf:
      return "erf";
  }
  return nullptr;
}
constexpr int count_functions() {
  int count = 0;
  while (name_of(static_cast<Function>(count)) != nullptr) ++count;
  return count;
}
constexpr int function_count = count_functions();

/// A function with its parameters; those that it does not name are not read.
struct ScalarFunction {
  Function function = Function::clip;
  float alpha = 0, beta = 6;

  bool operator==(const ScalarFunction&) const = default;
};

namespace scalar {

/// Stays finite for any x.
constexpr float sigmoid(float x) {
  if (x >= 0) return 1 / (1 + std::exp(-x));
  const float e = std::exp(x);
  return e / (1 + e);
}
/// A NaN stays one, so that an overflow comes to light.
constexpr float clip(float x, float low, float high) {
  const float raised = x < low ? low : x;
  return raised > high ? high : raised;
}
constexpr float gelu_argument(float x) {
  return 0.7978845608f * (x + 0.044715f * x * x * x);  // sqrt(2 / pi)
}

}  // namespace scalar

constexpr float value_of(const ScalarFunction& f, float x) {
  switch (f.function) {
    case Function::clip:
      return scalar::clip(x, f.alpha, f.beta);
    case Function::leaky_relu:
      return x < 0 ? f.alpha * x : x;
    case Function::elu:
      return x < 0 ? f.alpha * std::expm1(x) : x;
    case Function::sigmoid:
      return scalar::sigmoid(x);
    case Function::hard_sigmoid:
      return scalar::clip(f.alpha * x + f.beta, 0, 1);
    case Function::silu:
      return x * scalar::sigmoid(x);
    case Function::hard_swish:
      return x * scalar::clip(x / 6 + 0.5f, 0, 1);
    case Function::tanh:
      return std::tanh(x);
    case Function::gelu:
      return 0.5f * x * (1 + std::erf(x * 0.7071067812f));
    case Function::gelu_tanh:
      return 0.5f * x * (1 + std::tanh(scalar::gelu_argument(x)));
    case Function::softplus:
      return (x > 0 ? x : 0) + std::log1p(std::exp(x > 0 ? -x : x));
    case Function::power:
      return std::pow(x, f.alpha);
    case Function::abs:
      return std::fabs(x);
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

/// Where the function has a corner, the derivative of the side on which it is not constant (a bound
/// counts as inside); of two such sides, the right one's, but of abs 0, their mean. Where it has no
/// bound, as a root's or a logarithm's at 0, 0.
constexpr float derivative_of(const ScalarFunction& f, float x) {
  switch (f.function) {
    case Function::clip:
      return x >= f.alpha && x <= f.beta ? 1.0f : 0.0f;
    case Function::leaky_relu:
      return x < 0 ? f.alpha : 1.0f;
    case Function::elu:
      return x < 0 ? f.alpha * std::exp(x) : 1.0f;
    case Function::sigmoid:
      return scalar::sigmoid(x) * scalar::sigmoid(-x);
    case Function::hard_sigmoid: {
      const float line = f.alpha * x + f.beta;
      return line >= 0 && line <= 1 ? f.alpha : 0.0f;
    }
    case Function::silu: {
      const float s = scalar::sigmoid(x);
      return s + x * s * scalar::sigmoid(-x);
    }
    case Function::hard_swish:
      if (x < -3) return 0;
      return x <= 3 ? x / 3 + 0.5f : 1.0f;
    case Function::tanh: {
      const float t = std::tanh(x);
      return 1 - t * t;
    }
    case Function::gelu:  // Phi(x) + x phi(x)
      return 0.5f * (1 + std::erf(x * 0.7071067812f)) + x * 0.3989422804f * std::exp(-0.5f * x * x);
    case Function::gelu_tanh: {
      const float t = std::tanh(scalar::gelu_argument(x));
      return 0.5f * (1 + t) + 0.5f * x * (1 - t * t) * 0.7978845608f * (1 + 3 * 0.044715f * x * x);
    }
    case Function::softplus:
      return scalar::sigmoid(x);
    case Function::power:
      return x == 0 && f.alpha < 1 ? 0.0f : f.alpha * std::pow(x, f.alpha - 1);
    case Function::abs:
      return x == 0 ? 0.0f : x < 0 ? -1.0f : 1.0f;
    case Function::exp:
      return std::exp(x);
    case Function::log:
      return x == 0 ? 0.0f : 1 / x;
    case Function::sin:
      return std::cos(x);
    case Function::cos:
      return -std::sin(x);
    case Function::erf:  // 2 / sqrt(pi) e^-x^2
      return 1.1283791671f * std::exp(-x * x);
  }
  return 1;
}

/// A number that |f(x)| does not pass where |x| <= size.
constexpr double largest_value(const ScalarFunction& f, double size) {
  const auto larger = [](double a, double b) { return a > b ? a : b; };
  const double alpha = f.alpha < 0 ? -f.alpha : f.alpha, beta = f.beta < 0 ? -f.beta : f.beta;
  switch (f.function) {
    case Function::clip:
      return larger(size, f.alpha > 0 ? alpha : f.beta < 0 ? beta : 0);
    case Function::leaky_relu:
    case Function::elu:
      return size * larger(alpha, 1);
    case Function::sigmoid:
    case Function::hard_sigmoid:
    case Function::tanh:
    case Function::sin:
    case Function::cos:
    case Function::erf:
      return 1;
    case Function::exp:
      return std::exp(size);
    case Function::log:
      break;  // without a bound near 0
    case Function::softplus:
      return size + 1;
    case Function::power:
      if (f.alpha < 0) break;  // without a bound near 0
      return std::pow(size, alpha);
    case Function::silu:
    case Function::hard_swish:
    case Function::gelu:
    case Function::gelu_tanh:
    case Function::abs:
      return size;
  }
  return std::numeric_limits<double>::infinity();
}

}  // namespace hdecomp
