/// Cells of the map by ops of the graph: cut out, repeated, in another order, as channels, each
/// with a scale and a shift of its own.
#include "hdecomp/error.h"
#include "weights/onnx/lowered.h"

namespace hdecomp::onnx {
namespace {

/// space_to_depth or depth_to_space.
int in_blocks(Net& net, int in, Op op, int64_t y, int64_t x) {
  if (y == 1 && x == 1) return in;
  Node node;
  node.op = op;
  node.y.size = node.y.stride = y, node.x.size = node.x.stride = x;
  return net.append(node, {in});
}

/// A single channel for all, or single rows and columns for all, of the shape that is wanted.
int filled_up(Net& net, int in, const FeatureShape& wanted) {
  const FeatureShape shape = net.shape(in);
  constexpr int64_t most_channels = 1024;
  if (shape.channels != wanted.channels) {
    if (shape.channels != 1 || wanted.channels > most_channels)
      throw UserError(joined("an expansion of ", shape.channels, " channels to ", wanted.channels));
    in = net.append(Op::concat, std::vector<int>(static_cast<size_t>(wanted.channels), in));
  }
  const bool fits = (shape.height == wanted.height || shape.height == 1) &&
                    (shape.width == wanted.width || shape.width == 1);
  if (!fits) throw UserError("an expansion that does not fit");
  return enlarged(net, in, wanted.height / shape.height, wanted.width / shape.width);
}

}  // namespace

int padded(Net& net, int in, Side side, int64_t before, int64_t after) {
  Node node;
  node.op = Op::pad;
  node.out_channels = net.shape(in).channels;
  KernelAxis& axis = side == Side::height ? node.y : node.x;
  axis.pad = before, axis.pad_end = after;
  return net.append(node, {in});
}

void write_out(Net& net, Value& value) {
  if (value.dims.size() != 4) return;  // the rule says what it needs
  const bool last = value.layout == Layout::last;
  value.node =
      filled_up(net, value.node,
                {value.dims[last ? 3 : 1], value.dims[last ? 1 : 2], value.dims[last ? 2 : 3]});
  value.spread = value.sole = false;
}

int blocks_to_channels(Net& net, int in, int64_t y, int64_t x) {
  return in_blocks(net, in, Op::space_to_depth, y, x);
}

int channels_to_blocks(Net& net, int in, int64_t y, int64_t x) {
  return in_blocks(net, in, Op::depth_to_space, y, x);
}

int scaled_map(Net& net, int in, std::vector<float> scale, std::vector<float> shift) {
  Node node;
  node.op = Op::affine_map;
  return net.append(node, {in}, std::move(scale), std::move(shift));
}

}  // namespace hdecomp::onnx
