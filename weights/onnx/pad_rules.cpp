/// Padding: with zeros an op of its own. With a map's own cells it is the map padded with zeros,
/// plus each row that is there once more, cut out and moved to its place; then the same of columns.
#include <algorithm>
#include <cmath>

#include "hdecomp/error.h"
#include "weights/onnx/attributes.h"
#include "weights/onnx/lowered.h"

namespace hdecomp::onnx {
namespace {

int along_axis(Net& net, int in, Side side, const KernelAxis& pads, bool reflect) {
  constexpr int64_t most = 8;  // copies on one side, each of some nodes
  const int64_t size = side == Side::height ? net.shape(in).height : net.shape(in).width;
  const int64_t before = pads.pad, after = pads.pad_end, first_missing = reflect ? size : most + 1;
  for (const int64_t cells : {before, after}) {
    if (cells < 0 || cells > most || cells >= first_missing)
      throw UserError(joined("padding a side of ", size, " cells with copies of ", cells, "; 0 to ",
                             std::min(most, first_missing - 1), " are supported"));
  }
  if (before + after == 0) return in;
  int all = padded(net, in, side, before, after);
  for (int64_t place = -before; place < size + after; ++place) {
    if (place >= 0 && place < size) continue;
    const int64_t mirrored = place < 0 ? -place : 2 * (size - 1) - place;
    const int64_t from = reflect ? mirrored : std::clamp<int64_t>(place, 0, size - 1);
    const int row = padded(net, in, side, -from, from + 1 - size);
    const int moved = padded(net, row, side, before + place, size + after - 1 - place);
    all = net.append(Op::add, {all, moved});
  }
  return all;
}

/// The map with `y` and `x`.pad and pad_end cells around it that are copies of its own: mirrored at
/// its first and last ones (`reflect`), or those themselves.
int padded_with_copies(Net& net, int in, const KernelAxis& y, const KernelAxis& x, bool reflect) {
  return along_axis(net, along_axis(net, in, Side::height, y, reflect), Side::width, x, reflect);
}

/// For all axes: opset 18 names those that it pads.
std::vector<int64_t> pads_of(const Call& call, size_t rank) {
  const std::vector<int64_t> pads =
      call.has(1) ? call.constant(1).integers : integers(call.node, "pads");
  if (!call.has(3)) return pads;
  const std::vector<int64_t>& axes = call.constant(3).integers;
  if (pads.size() != 2 * axes.size()) throw UserError("as many pads as sides of axes are needed");
  std::vector<int64_t> all(2 * rank, 0);
  for (size_t i = 0; i < axes.size(); ++i) {
    const size_t axis = axis_of(axes[i], rank);
    all[axis] = pads[i];
    all[axis + rank] = pads[i + axes.size()];
  }
  return all;
}

/// The op's node for the pads of all axes; `dims` become the result's.
Node pad_node(const Net& net, const Value& value, const std::vector<int64_t>& pads,
              std::vector<int64_t>& dims) {
  constexpr int64_t most_cells = int64_t{1} << 24;
  const size_t rank = value.dims.size();
  if (pads.size() != 2 * rank) throw UserError("as many pads as sides of axes are needed");
  Node node;
  node.op = Op::pad;
  node.out_channels = net.shape(value.node).channels;
  for (size_t i = 0; i < rank; ++i) {
    const int64_t before = pads[i], after = pads[i + rank];
    for (const int64_t cells : {before, after}) {
      if (cells < -most_cells || cells > most_cells) throw UserError(joined("padding of ", cells));
    }
    if (before == 0 && after == 0) continue;
    const std::optional<Side> side = side_of(net, value, i);
    if (!side) throw UserError("padding of other than channels, height and width");
    if (*side == Side::channels) {
      node.first_channel = -before;
      node.out_channels += before + after;
    } else {
      KernelAxis& axis = *side == Side::height ? node.y : node.x;
      axis.pad = before, axis.pad_end = after;
    }
    dims[i] += before + after;
  }
  return node;
}

/// Behind the map's last cell its first one follows.
int padded_round(Net& net, int in, const KernelAxis& y, const KernelAxis& x) {
  Node node = gather_of_all(net.shape(in));
  node.y.size += y.pad + y.pad_end, node.x.size += x.pad + x.pad_end;
  node.y.pad = y.pad, node.x.pad = x.pad;
  return net.append(node, {in});
}

/// A number in place of the zeros that `pad` put around.
int filled_around(Net& net, int in, const Node& pad, float filling) {
  if (!std::isfinite(filling)) throw UserError(joined("padding with ", filling));
  const FeatureShape shape = net.shape(in), own = net.shape(net.node(in).inputs[0]);
  const auto count = static_cast<size_t>(shape.elements());
  net.budget().take(2 * count * sizeof(float), "padding");
  std::vector<float> shift(count, filling);
  const auto inside = [](int64_t at, int64_t before, int64_t size) {
    return at >= before && at < before + size;
  };
  for (size_t i = 0; i < count; ++i) {
    const auto at = static_cast<int64_t>(i);
    if (inside(at % shape.width, pad.x.pad, own.width) &&
        inside(at / shape.width % shape.height, pad.y.pad, own.height) &&
        inside(at / shape.width / shape.height, -pad.first_channel, own.channels))
      shift[i] = 0;
  }
  return scaled_map(net, in, std::vector<float>(count, 1), std::move(shift));
}

std::vector<Value> pad(const Call& call) {
  const Value& value = call.feature(0);
  const std::string mode = text(call.node, "mode", "constant");
  const bool copies = mode == "reflect" || mode == "edge" || mode == "wrap";
  if (!copies && mode != "constant")
    throw UserError(joined("mode ", mode, "; constant, reflect, edge and wrap are supported"));
  const float filling =
      call.has(2) ? call.constant(2).scalar().value_or(1) : real(call.node, "value", 0);
  const std::vector<int64_t> pads = pads_of(call, value.dims.size());
  if (pads.size() != 2 * value.dims.size())
    throw UserError("as many pads as sides of axes are needed");
  if (std::ranges::all_of(pads, [](int64_t cells) { return cells == 0; })) return {value};
  Value result = value;
  const Node node = pad_node(call.net, value, pads, result.dims);
  if (!copies) {
    result.node = call.net.append(node, {value.node});
    if (filling != 0) result.node = filled_around(call.net, result.node, node, filling);
    return {result};
  }
  if (node.first_channel != 0 || node.out_channels != call.net.shape(value.node).channels)
    throw UserError(joined("mode ", mode, " over channels"));
  if (mode == "wrap") {
    result.node = padded_round(call.net, value.node, node.y, node.x);
    return {result};
  }
  result.node = padded_with_copies(call.net, value.node, node.y, node.x, mode == "reflect");
  return {result};
}

}  // namespace

void add_pad_rules(std::map<std::string, Rule>& rules) { rules["Pad"] = pad; }

}  // namespace hdecomp::onnx
