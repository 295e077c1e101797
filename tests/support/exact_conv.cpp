/// A convolution's products, one after the other.
#include "tests/support/exact_conv.h"

#include <algorithm>

namespace hdecomp::op_testing {
namespace {

/// Calls visit(output, input, weight) with the places of every product of the convolution's
/// definition.
template <class Visit>
void for_each_product(const ConvSpec& spec, Visit&& visit) {
  const Shape in = spec.input_shape(), out = spec.output_shape(), w = spec.weight_shape();
  const int64_t group_out = out[1] / spec.groups;
  for (int64_t at = 0; at < out.elements(); ++at) {
    const int64_t q = at % out[3], p = at / out[3] % out[2], k = at / out[3] / out[2] % out[1];
    const int64_t n = at / out[3] / out[2] / out[1];
    for (int64_t tap = 0; tap < w[1] * w[2] * w[3]; ++tap) {
      const int64_t c = k / group_out * w[1] + tap / (w[2] * w[3]);
      const int64_t row = p * spec.stride_h - spec.pad_h + tap / w[3] % w[2] * spec.dilation_h;
      const int64_t column = q * spec.stride_w - spec.pad_w + tap % w[3] * spec.dilation_w;
      if (row < 0 || row >= in[2] || column < 0 || column >= in[3]) continue;
      visit(at, ((n * in[1] + c) * in[2] + row) * in[3] + column, k * w[1] * w[2] * w[3] + tap);
    }
  }
}

}  // namespace

std::vector<double> sums_of(const ConvSpec& spec, const Tensor& x, const Tensor& weight,
                            const Tensor& bias) {
  const Shape out = spec.output_shape();
  std::vector<double> y(out.elements());
  for (int64_t at = 0; at < out.elements(); ++at)
    y[at] = bias.data()[at / (out[2] * out[3]) % out[1]];
  for_each_product(spec, [&](int64_t to, int64_t from, int64_t w) {
    y[to] += double{weight.data()[w]} * x.data()[from];
  });
  return y;
}

std::vector<double> gradients_of(const ConvSpec& spec, const Tensor& weight, const Tensor& dy) {
  std::vector<double> dx(spec.input_shape().elements());
  for_each_product(spec, [&](int64_t to, int64_t from, int64_t w) {
    dx[from] += double{weight.data()[w]} * dy.data()[to];
  });
  return dx;
}

Tensor reference(const ConvSpec& spec, const Tensor& x, const Tensor& weight, const Tensor& bias) {
  Tensor y({}, spec.output_shape());
  std::ranges::transform(sums_of(spec, x, weight, bias), y.data(), [&](double sum) {
    return static_cast<float>(spec.activation == Activation::relu ? std::max(sum, 0.0) : sum);
  });
  return y;
}

}  // namespace hdecomp::op_testing
