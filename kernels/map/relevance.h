/// The arithmetic of relevance, element by element: what layer-wise relevance propagation and
/// guided backpropagation do to a gradient between two layers.
#pragma once

#include "kernels/core/context.h"
#include "kernels/core/tensor.h"

namespace hdecomp {

/// The part of a number that is kept; the rest becomes 0. A NaN stays one.
enum class Part { positive, negative };

/// y = max(x, 0) or min(x, 0). `y` may be `x`.
void keep_part(const Context& context, Part part, const Tensor& x, Tensor& y);

/// y = a b, element by element. `y` may be `a` or `b`.
void multiply(const Context& context, const Tensor& a, const Tensor& b, Tensor& y);

/// y = r / (z + epsilon sign(z)) with sign(0) = 1: a relevance shared out by its layer's sum z,
/// kept from dividing by 0 (Bach et al. 2015, Eq. 58). `y` may be `r` or `z`; epsilon above 0.
void stabilised_ratio(const Context& context, const Tensor& r, const Tensor& z, float epsilon,
                      Tensor& y);

/// One element of each.
constexpr float part_of(Part part, float x) {
  return part == Part::positive ? (x < 0 ? 0.0f : x) : (x > 0 ? 0.0f : x);
}
constexpr float stabilised(float r, float z, float epsilon) {
  return r / (z < 0 ? z - epsilon : z + epsilon);
}

namespace cpu {
void keep_part(const Context&, Part part, const Tensor& x, Tensor& y);
void multiply(const Context&, const Tensor& a, const Tensor& b, Tensor& y);
void stabilised_ratio(const Context&, const Tensor& r, const Tensor& z, float epsilon, Tensor& y);
}  // namespace cpu
namespace cuda {
void keep_part(const Context&, Part part, const Tensor& x, Tensor& y);
void multiply(const Context&, const Tensor& a, const Tensor& b, Tensor& y);
void stabilised_ratio(const Context&, const Tensor& r, const Tensor& z, float epsilon, Tensor& y);
}  // namespace cuda

}  // namespace hdecomp
