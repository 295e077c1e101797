/// Strides in memory tell what an axis counts.
#include "weights/onnx/views.h"

#include <algorithm>
#include <array>

#include "hdecomp/error.h"
#include "weights/onnx/fold_ops.h"

namespace hdecomp::onnx {
namespace {

struct Part {
  Side side;
  int64_t size, stride;
};

/// The feature's sides, from the one that changes slowest.
std::array<Part, 3> parts_of(const FeatureShape& s, Layout layout) {
  if (layout == Layout::last) {
    return {{{Side::height, s.height, s.width * s.channels},
             {Side::width, s.width, s.channels},
             {Side::channels, s.channels, 1}}};
  }
  return {{{Side::channels, s.channels, s.height * s.width},
           {Side::height, s.height, s.width},
           {Side::width, s.width, 1}}};
}

int64_t stride_of(const Value& value, size_t axis) {
  int64_t stride = 1;
  for (size_t i = axis + 1; i < value.dims.size(); ++i) stride *= value.dims[i];
  return stride;
}

/// Whether the dims are (batch, c, h, w), or (batch, h, w, c), as the layout says.
bool is_plain(const Net& net, const Value& value) {
  if (value.dims.size() != 4) return false;
  const auto parts = parts_of(net.shape(value.node), value.layout);
  for (size_t i = 0; i < parts.size(); ++i) {
    if (value.dims[i + 1] != parts[i].size) return false;
  }
  return true;
}

}  // namespace

std::optional<Sides> sides_of(const Net& net, const Value& value, size_t axis) {
  const int64_t stride = stride_of(value, axis), end = stride * value.dims.at(axis);
  Sides all = 0;
  int64_t covered = 1;
  for (const Part& part : parts_of(net.shape(value.node), value.layout)) {
    if (part.size == 1 || part.stride < stride || part.stride * part.size > end) continue;
    all |= set_of(part.side);
    covered *= part.size;
  }
  if (covered != value.dims[axis]) return std::nullopt;
  return all;
}

std::optional<Side> side_of(const Net& net, const Value& value, size_t axis) {
  if (axis == 0) return std::nullopt;
  if (is_plain(net, value)) return parts_of(net.shape(value.node), value.layout)[axis - 1].side;
  const std::optional<Sides> sides = sides_of(net, value, axis);
  for (const Side side : {Side::channels, Side::height, Side::width}) {
    if (sides == set_of(side)) return side;
  }
  return std::nullopt;
}

std::optional<size_t> find_channel_axis(const Net& net, const Value& value) {
  for (size_t i = 1; i < value.dims.size(); ++i) {
    if (side_of(net, value, i) == Side::channels) return i;
  }
  const FeatureShape& shape = net.shape(value.node);
  if (shape.channels > 1) return std::nullopt;
  const int64_t stride = value.layout == Layout::last ? 1 : shape.height * shape.width;
  for (size_t i = 1; i < value.dims.size(); ++i) {  // where a side of one channel would be
    if (value.dims[i] == 1 && stride_of(value, i) == stride) return i;
  }
  return std::nullopt;
}

size_t channel_axis(const Net& net, const Value& value) {
  if (const std::optional<size_t> axis = find_channel_axis(net, value)) return *axis;
  throw UserError("a feature without an axis of channels");
}

std::optional<ChannelCut> channel_cut(const Net& net, const Value& value, size_t axis) {
  const FeatureShape& shape = net.shape(value.node);
  if (axis == 0) return std::nullopt;
  const bool last = value.layout == Layout::last && !is_in_any_order(net, value);
  const int64_t cells = last ? 1 : shape.height * shape.width, stride = stride_of(value, axis);
  if (stride % cells != 0) return std::nullopt;
  const ChannelCut cut{1, value.dims.at(axis), stride / cells};
  const int64_t covered = cut.size * cut.inner;
  if (covered < 1 || covered > shape.channels || shape.channels % covered != 0) return std::nullopt;
  return ChannelCut{shape.channels / covered, cut.size, cut.inner};
}

std::vector<ChannelRun> channels_at(const ChannelCut& cut, const std::vector<int64_t>& places) {
  constexpr size_t most_runs = 1024;
  std::vector<ChannelRun> runs;
  for (int64_t outer = 0; outer < cut.outer; ++outer) {
    for (const int64_t place : places) {
      const int64_t first = (outer * cut.size + place) * cut.inner;
      if (!runs.empty() && runs.back().first + runs.back().count == first) {
        runs.back().count += cut.inner;
        continue;
      }
      if (runs.size() == most_runs) throw UserError("channels taken in too many pieces");
      runs.push_back({first, cut.inner});
    }
  }
  if (runs.empty()) throw UserError("a part without channels");
  return runs;
}

bool is_in_any_order(const Net& net, const Value& value) {
  const FeatureShape& shape = net.shape(value.node);
  return shape.channels == 1 || shape.height * shape.width == 1;
}

int as_map(const Net& net, const Value& value) {
  const FeatureShape& s = net.shape(value.node);
  const std::vector<int64_t> map{value.dims.at(0), s.channels, s.height, s.width};
  if (value.dims != map || (value.layout != Layout::map && !is_in_any_order(net, value)))
    throw UserError("its input is no map of channels, height and width");
  return value.node;
}

Value reshaped(Value value, const std::vector<int64_t>& dims) {
  if (dims.empty() || dims[0] != value.dims.at(0))
    throw UserError("a reshape whose first axis is not the batch");
  value.dims = dims;
  return value;
}

Value seen_together(const Net& net, const Value& a, const Value& b) {
  const bool alike = a.layout == b.layout || is_in_any_order(net, a) || is_in_any_order(net, b);
  if (!alike || a.dims.size() != b.dims.size()) throw UserError("two features of unequal layout");
  Value result = is_in_any_order(net, a) ? b : a;
  result.spread = false;
  for (size_t i = 0; i < a.dims.size(); ++i) {
    if (a.dims[i] != b.dims[i] && a.dims[i] != 1 && b.dims[i] != 1)
      throw UserError(joined("two features of ", a.dims[i], " and ", b.dims[i], " on axis ", i));
    result.dims[i] = std::max(a.dims[i], b.dims[i]);
  }
  return result;
}

std::vector<float> numbers_of_elements(const Net& net, const Value& value, const Constant& constant,
                                       SizeBudget& budget) {
  const FeatureShape& shape = net.shape(value.node);
  if (constant.whole || constant.elements() == 0)
    throw UserError("a constant that is not of real numbers");
  if (value.dims.at(0) != 1) throw UserError("a constant of a map for several images");
  if (constant.dims.size() > value.dims.size() ||
      common_dims(constant.dims, value.dims) != value.dims)
    throw UserError("a constant that is larger than its feature");
  const std::vector<float> all = broadcast(constant, value.dims, budget).reals;
  if (value.layout == Layout::map || is_in_any_order(net, value)) return all;
  const int64_t cells = shape.height * shape.width;
  std::vector<float> turned(all.size());
  for (int64_t c = 0; c < shape.channels; ++c) {
    for (int64_t cell = 0; cell < cells; ++cell)
      turned[c * cells + cell] = all[cell * shape.channels + c];
  }
  return turned;
}

}  // namespace hdecomp::onnx
