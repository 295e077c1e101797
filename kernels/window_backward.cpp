/// The window ops: the contracts' checks and the choice of the device.
#include "kernels/window_backward.h"

#include "kernels/core/dispatch.h"

namespace hdecomp {
namespace {

void check_batches(const char* op, const WindowBatch& above, const WindowBatch& below) {
  if (above.decisions() != below.decisions() || below.one_hot) {
    throw Error(
        text(op, ": above has ", above.decisions(), " decisions, below ", below.decisions()));
  }
  require_shape(op, "below", below.data.shape(),
                {below.channels, below.decisions(), below.window.y.size, below.window.x.size});
}

void require_data(const char* op, const WindowBatch& above) {
  if (above.one_hot) throw Error(text(op, ": one-hot decisions are not taken"));
}

}  // namespace

void conv_window_backward(const Context& context, const Tensor& weight, const WindowKernel& kernel,
                          int64_t groups, const WindowBatch& above, WindowBatch& below, Into into) {
  check_batches("conv_window", above, below);
  require_shape("conv_window", "weight", weight.shape(),
                {above.channels, below.channels / groups, kernel.size, kernel.size});
  dispatch(context, cpu::conv_window_backward, cuda::conv_window_backward, weight, kernel, groups,
           above, below, into);
}

void max_pool_window_backward(const Context& context, const WindowKernel& kernel,
                              const Tensor& feature, const WindowBatch& above, WindowBatch& below,
                              Into into) {
  check_batches("max_pool_window", above, below);
  require_shape("max_pool_window", "feature", feature.shape(),
                {1, below.channels, below.window.y.map, below.window.x.map});
  dispatch(context, cpu::max_pool_window_backward, cuda::max_pool_window_backward, kernel, feature,
           above, below, into);
}

void copy_window_backward(const Context& context, const WindowBatch& above, WindowBatch& below,
                          Into into) {
  check_batches("copy_window", above, below);
  dispatch(context, cpu::copy_window_backward, cuda::copy_window_backward, above, below, into);
}

void adaptive_avg_pool_window_backward(const Context& context, const WindowBatch& above,
                                       WindowBatch& below, Into into) {
  check_batches("adaptive_avg_pool_window", above, below);
  require_data("adaptive_avg_pool_window", above);
  dispatch(context, cpu::adaptive_avg_pool_window_backward, cuda::adaptive_avg_pool_window_backward,
           above, below, into);
}

void linear_window_backward(const Context& context, const Tensor& weight, const WindowBatch& above,
                            WindowBatch& below, Into into) {
  check_batches("linear_window", above, below);
  require_shape("linear_window", "weight", weight.shape(),
                {above.channels, below.channels * below.window.area()});
  dispatch(context, cpu::linear_window_backward, cuda::linear_window_backward, weight, above, below,
           into);
}

void relu_window_backward(const Context& context, const Tensor& feature, ReluRule rule,
                          WindowBatch& batch) {
  require_data("relu_window", batch);
  require_shape("relu_window", "feature", feature.shape(),
                {1, batch.channels, batch.window.y.map, batch.window.x.map});
  dispatch(context, cpu::relu_window_backward, cuda::relu_window_backward, feature, rule, batch);
}

}  // namespace hdecomp
