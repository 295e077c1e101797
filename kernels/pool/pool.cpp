/// Pooling: the contracts' checks and the choice of the device.
#include "kernels/pool/pool.h"

#include "kernels/core/dispatch.h"

namespace hdecomp {
namespace {

int64_t pooled(int64_t size, const KernelAxis& axis, Rounding rounding) {
  const auto [kernel, stride, pad, pad_end, dilation] = axis;
  const int64_t extent = axis.extent();
  if (kernel < 1 || stride < 1 || dilation < 1 || pad < 0 || pad_end < 0 || pad >= extent ||
      pad_end >= extent || size + pad + pad_end < extent || (pad > 0 && dilation > size)) {
    throw Error(joined("pool: kernel ", kernel, ", stride ", stride, ", padding ", pad, " and ",
                       pad_end, ", dilation ", dilation, " do not fit a map of size ", size));
  }
  return steps_of_kernel(size, axis, rounding);
}

void check_adaptive(const Shape& x, const Shape& y) {
  const bool fits = x.rank() == 4 && y.rank() == 4 && x[0] == y[0] && x[1] == y[1] &&
                    x.elements() > 0 && y.elements() > 0;
  if (!fits) {
    throw Error(joined("adaptive average pool: ", x, " cannot be pooled to ", y));
  }
}

}  // namespace

Shape pooled_shape(const Shape& x, const PoolSpec& spec) {
  if (x.rank() != 4) throw Error(joined("pool: x has shape ", x, ", expected (n, c, h, w)"));
  return {x[0], x[1], pooled(x[2], spec.y(), spec.rounding), pooled(x[3], spec.x(), spec.rounding)};
}

void max_pool_forward(const Context& context, const PoolSpec& spec, const Tensor& x, Tensor& y,
                      IndexTensor& argmax) {
  const Shape out = pooled_shape(x.shape(), spec);
  require_shape("max_pool", "y", y.shape(), out);
  require_shape("max_pool", "argmax", argmax.shape(), out);
  dispatch(context, cpu::max_pool_forward, cuda::max_pool_forward, spec, x, y, argmax);
}

void max_pool_backward(const Context& context, const PoolSpec& spec, const Tensor& dy,
                       const IndexTensor& argmax, Tensor& dx) {
  const Shape out = pooled_shape(dx.shape(), spec);
  require_shape("max_pool", "dy", dy.shape(), out);
  require_shape("max_pool", "argmax", argmax.shape(), out);
  dispatch(context, cpu::max_pool_backward, cuda::max_pool_backward, spec, dy, argmax, dx);
}

void adaptive_avg_pool_forward(const Context& context, const Tensor& x, Tensor& y) {
  check_adaptive(x.shape(), y.shape());
  dispatch(context, cpu::adaptive_avg_pool_forward, cuda::adaptive_avg_pool_forward, x, y);
}

void adaptive_avg_pool_backward(const Context& context, const Tensor& dy, Tensor& dx) {
  check_adaptive(dx.shape(), dy.shape());
  dispatch(context, cpu::adaptive_avg_pool_backward, cuda::adaptive_avg_pool_backward, dy, dx);
}

}  // namespace hdecomp
