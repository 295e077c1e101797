/// Cells around a map, before a kernel's steps.
#include "weights/general/padding.h"

#include <algorithm>

namespace hdecomp::general {
namespace {

constexpr int64_t most_cells = int64_t{1} << 24;

bool is_zero_padding(const Node& node, int64_t channels) {
  return node.op == Op::pad && node.first_channel == 0 && node.out_channels == channels &&
         node.y.pad >= 0 && node.y.pad_end >= 0 && node.x.pad >= 0 && node.x.pad_end >= 0;
}

}  // namespace

void pad_same(KernelAxis& axis, int64_t size, bool upper) {
  if (axis.stride < 1 || axis.size < 1 || axis.size > most_cells || axis.dilation < 1 ||
      axis.dilation > most_cells) {
    return;  // refused when the node's shape is inferred
  }
  const int64_t steps = (size + axis.stride - 1) / axis.stride;
  const int64_t pad = std::max<int64_t>((steps - 1) * axis.stride + axis.extent() - size, 0);
  axis.pad = upper ? pad / 2 : pad - pad / 2;
  axis.pad_end = pad - axis.pad;
}

int absorb_padding(Net& net, int at, bool sole, Node& kernel) {
  const Node& pad = net.node(at);
  if (!sole || pad.op != Op::pad) return at;
  const int below = pad.inputs[0];
  if (!is_zero_padding(pad, net.shape(below).channels)) return at;
  const auto add = [](KernelAxis& to, const KernelAxis& from) {
    to.pad += from.pad, to.pad_end += from.pad_end;
  };
  add(kernel.y, pad.y);
  add(kernel.x, pad.x);
  return below;
}

}  // namespace hdecomp::general
