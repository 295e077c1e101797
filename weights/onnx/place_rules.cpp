/// Rules of what moves cells about the map: tiling, blocks as channels and channels as blocks.
#include <algorithm>

#include "hdecomp/error.h"
#include "weights/onnx/attributes.h"
#include "weights/onnx/lowered.h"

namespace hdecomp::onnx {
namespace {

/// The map, or its channels, several times behind each other.
std::vector<Value> tile(const Call& call) {
  Net& net = call.net;
  Value value = call.feature(0);
  const std::vector<int64_t>& times = call.constant(1).integers;
  if (times.size() != value.dims.size()) throw UserError("as many numbers as axes are needed");
  for (size_t i = 0; i < times.size(); ++i) {
    constexpr int64_t most = 1 << 20;
    if (times[i] < 1 || times[i] > most) throw UserError(joined(times[i], " times"));
    if (times[i] == 1) continue;
    const std::optional<Side> side = side_of(net, value, i);
    if (!side) throw UserError("tiles of other than channels, height and width");
    if (*side == Side::channels) {
      if (times[i] > 1024) throw UserError(joined("channels ", times[i], " times"));
      value.node = net.append(Op::concat, std::vector<int>(times[i], value.node));
    } else {
      Node node = gather_of_all(net.shape(value.node));
      (*side == Side::height ? node.y : node.x).size *= times[i];
      value.node = net.append(node, {value.node});
    }
    value.dims[i] *= times[i];
  }
  return {value};
}

int64_t block_size(const Call& call) {
  const int64_t size = integer(call.node, "blocksize", 0);
  if (size < 1 || size > 1 << 10) throw UserError(joined("a block of ", size));
  return size;
}

/// Cells of a block come before the channels in the file's order of channels, behind them in the
/// op's.
std::vector<Value> space_to_depth(const Call& call) {
  const int in = as_map(call.net, call.feature(0));
  const int64_t size = block_size(call), channels = call.net.shape(in).channels;
  return {map_of(
      call, channels_turned(call.net, blocks_to_channels(call.net, in, size, size), channels))};
}

std::vector<Value> depth_to_space(const Call& call) {
  int in = as_map(call.net, call.feature(0));
  const int64_t size = block_size(call);
  const std::string mode = text(call.node, "mode", "DCR");
  if (mode != "DCR" && mode != "CRD") throw UserError(joined("mode ", mode));
  if (call.net.shape(in).channels % (size * size) != 0)
    throw UserError(
        joined("blocks of ", size, "x", size, " of ", call.net.shape(in).channels, " channels"));
  if (mode == "DCR") in = channels_turned(call.net, in, size * size);
  return {map_of(call, channels_to_blocks(call.net, in, size, size))};
}

/// Where the kernel is as large as the stride, each cell becomes a block of its own: channels of a
/// 1x1 convolution, as blocks.
std::vector<Value> conv_transpose(const Call& call) {
  Net& net = call.net;
  const int in = as_map(net, call.feature(0));
  Constant weight = call.constant(1);
  if (weight.whole || weight.dims.size() != 4 || weight.elements() == 0)
    throw UserError("a weight that is not of 4 dimensions");
  const std::vector<int64_t> kernel{weight.dims[2], weight.dims[3]};
  const auto all = [&](const char* name, int64_t wanted) {
    return std::ranges::all_of(integers(call.node, name),
                               [&](int64_t number) { return number == wanted; });
  };
  const bool blocks = integers(call.node, "strides") == kernel && all("pads", 0) &&
                      all("output_padding", 0) && all("dilations", 1) &&
                      integer(call.node, "group", 1) == 1 &&
                      integers(call.node, "output_shape").empty() &&
                      text(call.node, "auto_pad", "NOTSET") == "NOTSET";
  if (!blocks)
    throw UserError(
        "a kernel other than its stride, groups or padding; blocks that do not overlap are "
        "supported");
  const int64_t cells = elements_of(kernel, "its kernel"), out = weight.dims[1];
  std::vector<float> bias;
  if (call.has(2)) {
    if (call.constant(2).elements() != out) throw UserError("a bias that does not fit");
    for (const float number : call.constant(2).reals)
      bias.insert(bias.end(), static_cast<size_t>(cells), number);
  }
  weight.dims = {weight.dims[0], out * cells};
  Node node;
  node.op = Op::conv;
  node.out_channels = out * cells;
  const int channels = net.append(node, {in}, transposed(weight, {1, 0}).reals, std::move(bias));
  return {map_of(call, channels_to_blocks(net, channels, kernel[0], kernel[1]))};
}

}  // namespace

void add_place_rules(std::map<std::string, Rule>& rules) {
  rules["Tile"] = tile;
  rules["SpaceToDepth"] = space_to_depth;
  rules["DepthToSpace"] = depth_to_space;
  rules["ConvTranspose"] = conv_transpose;
}

}  // namespace hdecomp::onnx
