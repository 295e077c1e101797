/// Resize and Upsample, to a whole number of times as many cells or as few.
#include <algorithm>
#include <cmath>
#include <set>

#include "hdecomp/error.h"
#include "weights/onnx/attributes.h"
#include "weights/onnx/lowered.h"

namespace hdecomp::onnx {
namespace {

/// A Resize by its inputs and attributes, or the Upsample of opsets before.
struct Resizing {
  bool linear = false;
  std::string positions, nearest;
};

Resizing resizing_of(const Call& call) {
  const bool before = call.node.op == "Upsample" || call.opset < 11;
  const std::string mode = text(call.node, "mode", "nearest");
  Resizing resizing{
      mode == "linear" || mode == "bilinear",
      text(call.node, "coordinate_transformation_mode", before ? "asymmetric" : "half_pixel"),
      text(call.node, "nearest_mode", before ? "floor" : "round_prefer_floor")};
  if (mode != "nearest" && !resizing.linear)
    throw UserError(joined("mode ", mode, "; nearest and linear are supported"));
  if (resizing.positions == "pytorch_half_pixel") resizing.positions = "half_pixel";
  if (resizing.positions != "half_pixel" && resizing.positions != "asymmetric")
    throw UserError(joined("positions by ", resizing.positions,
                           "; half_pixel, pytorch_half_pixel and asymmetric are supported"));
  const std::set<std::string> roundings{"floor", "ceil", "round_prefer_floor", "round_prefer_ceil"};
  if (!roundings.contains(resizing.nearest))
    throw UserError(joined("nearest_mode ", resizing.nearest));
  if (integer(call.node, "antialias", 0) != 0) throw UserError("antialias");
  const std::string policy = text(call.node, "keep_aspect_ratio_policy", "stretch");
  if (policy != "stretch") throw UserError("a policy that keeps the aspect ratio");
  return resizing;
}

/// The extents of all axes after it.
std::vector<int64_t> resized_dims(const Call& call) {
  const std::vector<int64_t>& dims = call.feature(0).dims;
  const size_t scales_at = call.node.op == "Upsample" || call.opset < 11 ? 1 : 2;
  std::vector<float> scales;
  std::vector<int64_t> sizes;
  if (const auto given = call.node.attributes.find("scales"); given != call.node.attributes.end())
    scales = given->second.reals;
  else if (call.has(scales_at))
    scales = call.constant(scales_at).reals;
  if (call.has(3)) sizes = call.constant(3).integers;
  const std::vector<int64_t> axes = integers(call.node, "axes");
  const size_t count = sizes.empty() ? scales.size() : sizes.size();
  if (count == 0 || count != (axes.empty() ? dims.size() : axes.size()))
    throw UserError("as many scales or sizes as axes are needed");
  std::vector<int64_t> result = dims;
  for (size_t i = 0; i < count; ++i) {
    const size_t axis = axes.empty() ? i : axis_of(axes[i], dims.size());
    const double size = sizes.empty()
                            ? std::floor(double{scales[i]} * static_cast<double>(dims[axis]) + 1e-4)
                            : static_cast<double>(sizes[i]);
    if (sizes.empty() &&
        std::abs(double{scales[i]} * static_cast<double>(dims[axis]) - size) > 1e-4)
      throw UserError(joined("a scale of ", scales[i], " on ", dims[axis], " cells"));
    if (!(size >= 1 && size <= 1 << 24)) throw UserError("an extent that is none");
    result[axis] = static_cast<int64_t>(size);
  }
  return result;
}

/// One side's part: as many times as large, or as many times smaller.
struct Factor {
  int64_t up = 1, down = 1;
};

Factor factor_of(int64_t from, int64_t to) {
  if (to % from == 0) return {to / from, 1};
  if (from % to == 0) return {1, from / to};
  throw UserError(joined("a resize of ", from, " cells to ", to,
                         "; a whole number of times as many or as few is supported"));
}

int averaged(Net& net, int in, const KernelAxis& y, const KernelAxis& x) {
  if (y == KernelAxis{} && x == KernelAxis{}) return in;
  Node node;
  node.op = Op::avg_pool;
  node.y = y, node.x = x;
  return net.append(node, {in});
}

/// Between neighbours: of a map whose cells are there k times a mean of k cells, of those inside,
/// is the line between two, and at the border the cell itself.
int between_neighbours(Net& net, int in, const Factor& y, const Factor& x, bool half_pixel) {
  const auto first = [&](int64_t k) {
    KernelAxis axis;
    axis.size = k;
    axis.pad = half_pixel ? k / 2 : 0, axis.pad_end = half_pixel ? k / 2 : k - 1;
    return axis;
  };
  const auto second = [&](int64_t k) {  // an even number of cells has its middle between two means
    KernelAxis axis;
    axis.size = half_pixel && k % 2 == 0 ? 2 : 1;
    return axis;
  };
  in = averaged(net, enlarged(net, in, y.up, x.up), first(y.up), first(x.up));
  return averaged(net, in, second(y.up), second(x.up));
}

/// Of every `down` cells the one, or the mean of the two, at the wanted position.
KernelAxis picked_cells(int64_t down, const Resizing& resizing, int64_t& skipped) {
  KernelAxis axis;
  axis.stride = down;
  skipped = 0;
  if (resizing.positions == "asymmetric") return axis;
  const bool two = resizing.linear && down % 2 == 0;
  const bool lower = two || down % 2 == 1 || resizing.nearest == "round_prefer_floor" ||
                     resizing.nearest == "floor";
  axis.size = two ? 2 : 1;
  skipped = lower ? (down - 1) / 2 : down / 2;
  return axis;
}

int thinned(Net& net, int in, const Factor& y, const Factor& x, const Resizing& resizing) {
  if (y.down == 1 && x.down == 1) return in;
  int64_t top = 0, left = 0;
  const KernelAxis rows = picked_cells(y.down, resizing, top),
                   columns = picked_cells(x.down, resizing, left);
  if (top > 0) in = padded(net, in, Side::height, -top, 0);
  if (left > 0) in = padded(net, in, Side::width, -left, 0);
  return averaged(net, in, rows, columns);
}

/// Whether a nearest neighbour of an enlarged map is the cell that it lies in.
bool lies_inside(const Resizing& resizing, int64_t up) {
  if (up == 1) return true;
  if (resizing.positions == "asymmetric") return resizing.nearest == "floor";
  return resizing.nearest == "round_prefer_floor" || resizing.nearest == "round_prefer_ceil";
}

std::vector<Value> resize(const Call& call) {
  Net& net = call.net;
  Value value = call.feature(0);
  const Resizing resizing = resizing_of(call);
  const std::vector<int64_t> dims = resized_dims(call);
  Factor y, x;
  for (size_t i = 0; i < dims.size(); ++i) {
    if (dims[i] == value.dims[i]) continue;
    const std::optional<Side> side = side_of(net, value, i);
    if (side != Side::height && side != Side::width)
      throw UserError("a resize of other than height and width");
    (*side == Side::height ? y : x) = factor_of(value.dims[i], dims[i]);
  }
  if (resizing.linear) {
    value.node = between_neighbours(net, value.node, y, x, resizing.positions == "half_pixel");
  } else {
    if (!lies_inside(resizing, y.up) || !lies_inside(resizing, x.up))
      throw UserError(
          joined("nearest_mode ", resizing.nearest, " at positions by ", resizing.positions));
    value.node = enlarged(net, value.node, y.up, x.up);
  }
  value.node = thinned(net, value.node, y, x, resizing);
  value.dims = dims;
  return {value};
}

}  // namespace

void add_resize_rules(std::map<std::string, Rule>& rules) {
  rules["Resize"] = rules["Upsample"] = resize;
}

}  // namespace hdecomp::onnx
