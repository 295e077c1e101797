/// Convolution: the contract's checks and the choice of the device.
#include "kernels/conv/conv.h"

#include "kernels/conv/conv_padded.h"
#include "kernels/core/dispatch.h"

namespace hdecomp {
namespace {

void check(const ConvSpec& spec) {
  const bool positive =
      spec.batch > 0 && spec.in_channels > 0 && spec.height > 0 && spec.width > 0 &&
      spec.out_channels > 0 && spec.kernel_h > 0 && spec.kernel_w > 0 && spec.stride_h > 0 &&
      spec.stride_w > 0 && spec.groups > 0 && spec.pad_h >= 0 && spec.pad_w >= 0 &&
      spec.y().pad_end >= 0 && spec.x().pad_end >= 0 && spec.dilation_h > 0 && spec.dilation_w > 0;
  if (!positive) throw Error("conv: extents, kernel, stride and groups must be at least 1");
  if (spec.in_channels % spec.groups != 0 || spec.out_channels % spec.groups != 0) {
    throw Error(joined("conv: ", spec.groups, " groups do not divide ", spec.in_channels, " and ",
                       spec.out_channels, " channels"));
  }
  const auto fits = [](int64_t size, const KernelAxis& axis) {
    return size + axis.pad + axis.pad_end >= axis.extent();
  };
  if (!fits(spec.height, spec.y()) || !fits(spec.width, spec.x())) {
    throw Error("conv: the kernel is larger than the padded input");
  }
}

}  // namespace

void Conv::forward(const Tensor& x, Tensor& y) {
  require_shape("conv", "x", x.shape(), spec_.input_shape());
  require_shape("conv", "y", y.shape(), spec_.output_shape());
  run_forward(x, y);
}

void Conv::backward_data(const Tensor& dy, Tensor& dx) {
  require_shape("conv", "dy", dy.shape(), spec_.output_shape());
  require_shape("conv", "dx", dx.shape(), spec_.input_shape());
  run_backward_data(dy, dx);
}

std::unique_ptr<Conv> make_conv(const Context& context, const ConvSpec& spec, const Tensor& weight,
                                const Tensor& bias, WeightStore* store) {
  check(spec);
  require_shape("conv", "weight", weight.shape(), spec.weight_shape());
  require_shape("conv", "bias", bias.shape(), {spec.out_channels});
  const bool on_gpu = context.device().kind == DeviceKind::cuda;  // cuDNN pads alike on both sides
  if (on_gpu && (spec.far_h != 0 || spec.far_w != 0)) {
    return make_padded_conv(context, spec, weight, bias);
  }
  const auto on_cpu = [store](const auto&... given) { return cpu::make_conv(given..., store); };
  return dispatch(context, on_cpu, cuda::make_conv, spec, weight, bias);
}

}  // namespace hdecomp
