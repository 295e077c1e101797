/// The window ops: the contracts' checks and the choice of the device.
#include "kernels/window/window_backward.h"

#include "kernels/core/dispatch.h"

namespace hdecomp {

void check_window_batches(const char* op, const WindowBatch& above, const GradientBelow& target) {
  const WindowBatch& below = target.batch;
  if (above.places.data() != below.places.data() || above.decisions() != below.decisions()) {
    throw Error(joined(op, ": the batches above and below hold different decisions"));
  }
  if (below.one_hot) throw Error(joined(op, ": the batch below has no memory"));
  require_shape(op, "below", below.data.shape(),
                {below.channels, below.decisions(), below.window.y.size, below.window.x.size});
  if (target.mask.feature == nullptr) return;
  if (target.mask.activation == Activation::none) {
    throw Error(joined(op, ": a mask of no activation"));
  }
  const Shape& mask = target.mask.feature->shape();
  require_shape(op, "mask", mask,
                {mask[0], below.channels, below.window.y.map, below.window.x.map});
}

void conv_window_backward(const Context& context, const Tensor& weight, const WindowKernels& kernel,
                          int64_t groups, const WindowBatch& above, const GradientBelow& below) {
  check_window_batches("conv_window", above, below);
  require_shape("conv_window", "weight", weight.shape(),
                {above.channels, below.batch.channels / groups, kernel.y.size, kernel.x.size});
  dispatch(context, cpu::conv_window_backward, cuda::conv_window_backward, weight, kernel, groups,
           above, below);
}

void max_pool_window_backward(const Context& context, const WindowKernels& kernel,
                              const Tensor& feature, const WindowBatch& above,
                              const GradientBelow& below) {
  check_window_batches("max_pool_window", above, below);
  const Window& window = below.batch.window;
  require_shape("max_pool_window", "feature", feature.shape(),
                {feature.shape()[0], below.batch.channels, window.y.map, window.x.map});
  dispatch(context, cpu::max_pool_window_backward, cuda::max_pool_window_backward, kernel, feature,
           above, below);
}

void copy_window_backward(const Context& context, const WindowBatch& above,
                          const GradientBelow& below) {
  check_window_batches("copy_window", above, below);
  dispatch(context, cpu::copy_window_backward, cuda::copy_window_backward, above, below);
}

void adaptive_avg_pool_window_backward(const Context& context, const WindowBatch& above,
                                       const GradientBelow& below) {
  check_window_batches("adaptive_avg_pool_window", above, below);
  if (above.one_hot) throw Error("adaptive_avg_pool_window: one-hot decisions are not taken");
  dispatch(context, cpu::adaptive_avg_pool_window_backward, cuda::adaptive_avg_pool_window_backward,
           above, below);
}

int64_t linear_window_scratch(const Context& context) {
  return context.device().kind == DeviceKind::cpu ? cpu::linear_window_scratch(context) : 0;
}

void linear_window_backward(const Context& context, const Tensor& weight, const WindowBatch& above,
                            const GradientBelow& below) {
  check_window_batches("linear_window", above, below);
  require_shape("linear_window", "weight", weight.shape(),
                {above.channels, below.batch.channels * below.batch.window.area()});
  dispatch(context, cpu::linear_window_backward, cuda::linear_window_backward, weight, above,
           below);
}

}  // namespace hdecomp
