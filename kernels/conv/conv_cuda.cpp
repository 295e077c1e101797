/// Convolution on CUDA: which way the forward pass goes, and cuDNN's way, with descriptors,
/// algorithm and workspace settled when it is planned.
#include <optional>

#include "kernels/conv/conv_algorithms_cuda.h"
#include "kernels/conv/conv_columns_cuda.h"
#include "kernels/conv/conv_winograd_cuda.h"
#include "kernels/product/bias_cuda.h"
#include "kernels/product/half_cuda.h"

namespace hdecomp::cuda {
namespace {

constexpr float one = 1, zero = 0;

/// Bytes of an array of 16-bit numbers, rounded up so that the next begins where cuDNN likes it.
int64_t narrow_bytes(int64_t elements) { return (elements * 2 + 255) / 256 * 256; }

/// In bf16 and fp16 an op's input and output pass through 16-bit copies in the scratch memory,
/// before cuDNN's workspace there.
class ConvCuda final : public Conv {
 public:
  ConvCuda(const Context& context, const ConvSpec& given, const Tensor& weight, const Tensor& bias)
      : Conv(given), context_(context), weight_(weight), bias_(bias) {
    with_layer(spec().layer, [&] {
      // Where the tensor cores may be used, cuDNN's products are faster than ours.
      const bool strict = context_.precision() == Precision::float32;
      if (strict && WinogradConv::suits(spec())) {
        winograd_.emplace(context_, spec(), weight_);
      } else if (strict && ColumnsConv::suits(spec(), context_.cuda().multiprocessors())) {
        columns_.emplace(context_, spec(), weight_);
      } else {
        forward_ = description().forward_choice();
        if (is_narrow(context_.precision())) narrow_weight_ = keep_narrow(context_, weight_);
        context_.cuda().scratch.reserve(scratch_bytes(forward_));
      }
    });
  }

 private:
  /// cuDNN's, made when it is first wanted.
  const ConvDescription& description() {
    if (!description_) description_.emplace(context_, spec());
    return *description_;
  }
  bool narrow_type() const { return is_narrow(context_.precision()); }
  int64_t x_elements() const { return spec().input_shape().elements(); }
  int64_t y_elements() const { return spec().output_shape().elements(); }

  int64_t scratch_bytes(const ConvChoice& choice) const {
    if (!narrow_type()) return choice.workspace;
    return narrow_bytes(x_elements()) + narrow_bytes(y_elements()) + choice.workspace;
  }

  void run_forward(const Tensor& x, Tensor& y) override {
    with_layer(spec().layer, [&] {
      if (winograd_) return winograd_->forward(x, bias_, y);
      if (columns_) {
        columns_->forward(x, y);
        return add_bias(context_, bias_.data(), y_layout(), spec().activation, y.data());
      }
      set_math(forward_);
      if (narrow_type()) return forward_narrow(x, y);
      // Not cuDNN's form with bias and ReLU fused: its ReLU turns NaN into 0 and would hide an
      // overflow.
      forward_plain(x.data(), weight_.data(), context_.cuda().scratch.take(forward_.workspace),
                    y.data());
      add_bias(context_, bias_.data(), y_layout(), spec().activation, y.data());
    });
  }

  void run_backward_data(const Tensor& dy, Tensor& dx) override {
    with_layer(spec().layer, [&] {
      if (!backward_) {
        backward_ = description().backward_choice();
        context_.cuda().scratch.reserve(scratch_bytes(*backward_));
      }
      set_math(*backward_);
      if (narrow_type()) return backward_narrow(dy, dx);
      backward_plain(dy.data(), weight_.data(), context_.cuda().scratch.take(backward_->workspace),
                     dx.data());
    });
  }

  /// One description serves both directions, whose algorithms may differ in this.
  void set_math(const ConvChoice& choice) {
    HDECOMP_CHECK(cudnnSetConvolutionMathType(description_->conv(), choice.math));
  }

  Layout y_layout() const {
    return {spec().batch, spec().out_channels, spec().out_height() * spec().out_width()};
  }

  void forward_plain(const void* x, const void* weight, void* workspace, void* y);
  void backward_plain(const void* dy, const void* weight, void* workspace, void* dx);
  void forward_narrow(const Tensor& x, Tensor& y);
  void backward_narrow(const Tensor& dy, Tensor& dx);

  const Context& context_;
  const Tensor& weight_;
  const Tensor& bias_;
  std::optional<WinogradConv> winograd_;  // at most one of these two; neither: cuDNN's way
  std::optional<ColumnsConv> columns_;
  std::optional<ConvDescription> description_;
  ConvChoice forward_;
  std::optional<ConvChoice> backward_;  // planned by the first call
  std::shared_ptr<const NarrowCopy> narrow_weight_;
};

void ConvCuda::forward_plain(const void* x, const void* weight, void* workspace, void* y) {
  const ConvDescription& d = *description_;
  HDECOMP_CHECK(
      cudnnConvolutionForward(context_.cuda().dnn(), &one, d.x(), x, d.weight(), weight, d.conv(),
                              static_cast<cudnnConvolutionFwdAlgo_t>(forward_.algorithm), workspace,
                              static_cast<size_t>(forward_.workspace), &zero, d.y(), y));
}

void ConvCuda::backward_plain(const void* dy, const void* weight, void* workspace, void* dx) {
  const ConvDescription& d = *description_;
  HDECOMP_CHECK(cudnnConvolutionBackwardData(
      context_.cuda().dnn(), &one, d.weight(), weight, d.y(), dy, d.conv(),
      static_cast<cudnnConvolutionBwdDataAlgo_t>(backward_->algorithm), workspace,
      static_cast<size_t>(backward_->workspace), &zero, d.x(), dx));
}

void ConvCuda::forward_narrow(const Tensor& x, Tensor& y) {
  auto* scratch = static_cast<char*>(context_.cuda().scratch.take(scratch_bytes(forward_)));
  auto* narrow_x = reinterpret_cast<uint16_t*>(scratch);
  auto* narrow_y = reinterpret_cast<uint16_t*>(scratch + narrow_bytes(x_elements()));
  narrow(context_, x.data(), x_elements(), 1, x_elements(), narrow_x, x_elements());
  forward_plain(narrow_x, narrow_weight_->memory.get(),
                scratch + narrow_bytes(x_elements()) + narrow_bytes(y_elements()), narrow_y);
  widen(context_, narrow_y, y_layout(), bias_.data(), spec().activation, y.data());
}

void ConvCuda::backward_narrow(const Tensor& dy, Tensor& dx) {
  auto* scratch = static_cast<char*>(context_.cuda().scratch.take(scratch_bytes(*backward_)));
  auto* narrow_dy = reinterpret_cast<uint16_t*>(scratch);
  auto* narrow_dx = reinterpret_cast<uint16_t*>(scratch + narrow_bytes(y_elements()));
  narrow(context_, dy.data(), y_elements(), 1, y_elements(), narrow_dy, y_elements());
  backward_plain(narrow_dy, narrow_weight_->memory.get(),
                 scratch + narrow_bytes(x_elements()) + narrow_bytes(y_elements()), narrow_dx);
  widen(context_, narrow_dx, {1, 1, x_elements()}, nullptr, Activation::none, dx.data());
}

}  // namespace

std::unique_ptr<Conv> make_conv(const Context& context, const ConvSpec& spec, const Tensor& weight,
                                const Tensor& bias) {
  return std::make_unique<ConvCuda>(context, spec, weight, bias);
}

}  // namespace hdecomp::cuda
