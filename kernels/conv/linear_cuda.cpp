/// The linear layer on CUDA: one product, then bias and activation.
#include "kernels/conv/linear.h"

#include <algorithm>

#include "kernels/core/context_cuda.h"
#include "kernels/product/bias_cuda.h"
#include "kernels/product/cuda_gemm.h"
#include "kernels/product/half_cuda.h"

namespace hdecomp::cuda {
namespace {

class LinearCuda final : public Linear {
 public:
  LinearCuda(const Context& context, const LinearSpec& given, const Tensor& weight,
             const Tensor& bias)
      : Linear(given), context_(context), weight_(weight), bias_(bias) {
    with_layer(spec().layer, [&] {
      if (!is_narrow(context_.precision())) return;
      narrow_weight_ = keep_narrow(context_, weight_);
      reserve_factor(context_, spec().batch, std::max(spec().in_units, spec().out_units));
    });
  }

 private:
  void run_forward(const Tensor& x, Tensor& y) override {
    const LinearSpec& s = spec();
    with_layer(s.layer, [&] {
      gemm(context_, s.batch, s.out_units, s.in_units, {x.data(), s.in_units},
           {weight_.data(), s.in_units, true}, 0, y.data(), s.out_units);
      add_bias(context_, bias_.data(), {s.batch, s.out_units, 1}, s.activation, y.data());
    });
  }

  void run_backward_data(const Tensor& dy, Tensor& dx) override {
    const LinearSpec& s = spec();
    with_layer(s.layer, [&] {
      gemm(context_, s.batch, s.in_units, s.out_units, {dy.data(), s.out_units},
           {weight_.data(), s.in_units}, 0, dx.data(), s.in_units);
    });
  }

  const Context& context_;
  const Tensor& weight_;
  const Tensor& bias_;
  std::shared_ptr<const NarrowCopy> narrow_weight_;  // found again by its weight's address
};

}  // namespace

std::unique_ptr<Linear> make_linear(const Context& context, const LinearSpec& spec,
                                    const Tensor& weight, const Tensor& bias) {
  return std::make_unique<LinearCuda>(context, spec, weight, bias);
}

}  // namespace hdecomp::cuda
