/// channel_conv: the contract's checks and the choice of the device.
#include "kernels/conv/channel_conv.h"

#include "kernels/core/dispatch.h"

namespace hdecomp {

void channel_conv(const Context& context, const ChannelConv& conv, const Tensor& weight,
                  const Tensor& base, const Tensor& differences, Tensor& y) {
  const Shape &w = weight.shape(), &out = y.shape();
  if (w.rank() != 4 || out.rank() != 4) {
    throw Error(joined("channel_conv: weight ", w, " and y ", out, ", expected four dimensions"));
  }
  if (conv.first < 0 || conv.channels < 1 || conv.groups < 1 || conv.stride < 1 ||
      conv.channels % conv.groups != 0 || out[1] % conv.groups != 0) {
    throw Error(joined("channel_conv: ", conv.groups, " groups of ", conv.channels, " and ", out[1],
                       " channels, stride ", conv.stride));
  }
  require_shape("channel_conv", "weight", w, {out[1], conv.channels / conv.groups, w[2], w[3]});
  require_shape("channel_conv", "base", base.shape(), {1, out[1], out[2], out[3]});
  require_shape("channel_conv", "differences", differences.shape(),
                {out[0], 1, (out[2] - 1) * conv.stride + w[2], (out[3] - 1) * conv.stride + w[3]});
  dispatch(context, cpu::channel_conv, cuda::channel_conv, conv, weight, base, differences, y);
}

}  // namespace hdecomp
