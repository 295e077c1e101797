/// What moves values without computing: reshapes, transposes, slices, concatenation.
#include <algorithm>

#include "hdecomp/error.h"
#include "weights/onnx/attributes.h"
#include "weights/onnx/translate.h"

namespace hdecomp::onnx {
namespace {

using Dims = std::vector<int64_t>;

/// A swapped view becomes what it shows: a channel shuffle.
Value settled(Net& net, Value value) {
  if (value.layout != Layout::swapped) return value;
  Node node;
  node.op = Op::channel_shuffle;
  node.groups = value.groups;
  value.node = net.append(node, {value.node});
  value.layout = Layout::split;
  value.groups = net.shape(value.node).channels / node.groups;
  return value;
}

std::vector<Value> reshape(const Call& call) {
  const Value& value = call.feature(0);
  const Dims dims = call.has(1) ? call.constant(1).integers : integers(call.node, "shape");
  return {reshaped(call.net, value,
                   resolve_reshape(value.dims, dims, integer(call.node, "allowzero", 0) != 0))};
}

std::vector<Value> flatten(const Call& call) {
  const Value& value = call.feature(0);
  int64_t axis = integer(call.node, "axis", 1);
  if (axis < 0) axis += static_cast<int64_t>(value.dims.size());
  if (axis != 1) throw UserError(joined("axis ", axis, "; 1 is supported"));
  return {reshaped(call.net, value, resolve_reshape(value.dims, {value.dims[0], -1}, false))};
}

std::vector<Value> squeeze(const Call& call) {
  const Value& value = call.feature(0);
  Dims axes = call.has(1) ? call.constant(1).integers : integers(call.node, "axes");
  if (axes.empty()) {  // all of size 1, but for the batch
    for (size_t i = 1; i < value.dims.size(); ++i) {
      if (value.dims[i] == 1) axes.push_back(static_cast<int64_t>(i));
    }
  }
  return {reshaped(call.net, value, squeezed_dims(value.dims, axes))};
}

std::vector<Value> unsqueeze(const Call& call) {
  const Value& value = call.feature(0);
  const Dims axes = call.has(1) ? call.constant(1).integers : integers(call.node, "axes");
  return {reshaped(call.net, value, unsqueezed_dims(value.dims, axes))};
}

std::vector<Value> transpose(const Call& call) {
  Value value = call.feature(0);
  const Dims order = integers(call.node, "perm"), before = value.dims;
  if (order.size() != before.size()) throw UserError("a permutation of another number of axes");
  if (std::ranges::is_sorted(order)) return {value};
  const FeatureShape& shape = call.net.shape(value.node);
  const bool one_cell = shape.height * shape.width == 1;
  if (order == Dims{0, 2, 3, 1} && value.layout == Layout::map)
    value.layout = Layout::last;
  else if (order == Dims{0, 3, 1, 2} && value.layout == Layout::last)
    value.layout = Layout::map;
  else if (order == Dims{0, 3, 1, 2} && value.layout == Layout::map && one_cell)
    value.layout = Layout::last;
  else if (order == Dims{0, 2, 1, 3, 4} && value.layout == Layout::split)
    value.layout = Layout::swapped;
  else
    throw UserError("a permutation that is none of NCHW to NHWC, back, and a channel shuffle");
  for (size_t i = 0; i < order.size(); ++i) value.dims[i] = before[order[i]];
  return {value};
}

std::vector<Value> concat(const Call& call) {
  const Value& first = call.feature(0);
  Node node;
  node.op = Op::concat;
  std::vector<int> inputs;
  Value result = first;
  const size_t axis = axis_of(integer(call.node, "axis", 1), first.dims.size());
  if (axis != channel_axis(call.net, first))
    throw UserError("concatenation of another axis than the channels");
  for (size_t i = 0; i < call.inputs.size(); ++i) {
    const Value& each = call.feature(i);
    if (each.layout != first.layout || each.dims.size() != first.dims.size())
      throw UserError("inputs of unequal layout");
    inputs.push_back(each.node);
    if (i > 0) result.dims[axis] += each.dims[axis];
  }
  if (inputs.size() > 1) result.node = call.net.append(node, inputs);
  return {result};
}

Value channels(const Call& call, int64_t first, int64_t count) {
  Value result = call.feature(0);
  const size_t axis = channel_axis(call.net, result);
  Node node;
  node.op = Op::slice;
  node.first_channel = first;
  node.out_channels = count;
  result.node = call.net.append(node, {result.node});
  result.dims[axis] = count;
  return result;
}

std::vector<Value> split(const Call& call) {
  const Value& value = call.feature(0);
  const size_t axis = axis_of(integer(call.node, "axis", 0), value.dims.size());
  if (axis != channel_axis(call.net, value))
    throw UserError("a split of another axis than the channels");
  Dims sizes = call.has(1) ? call.constant(1).integers : integers(call.node, "split");
  const auto parts = static_cast<int64_t>(call.node.outputs.size());
  if (sizes.empty() && parts > 0) {
    const int64_t size = (value.dims[axis] + parts - 1) / parts;
    for (int64_t at = 0; at < value.dims[axis]; at += size)
      sizes.push_back(std::min(size, value.dims[axis] - at));
  }
  if (sizes.size() != call.node.outputs.size())
    throw UserError("as many sizes as outputs are needed");
  std::vector<Value> outputs;
  int64_t first = 0;
  for (const int64_t size : sizes) {
    outputs.push_back(channels(call, first, size));
    first += size;
  }
  return outputs;
}

/// Channels; or a part of the map; or every second cell, which a pool of one cell takes.
std::vector<Value> slice(const Call& call) {
  const std::vector<ConstantPtr> lists = call.constants();
  Value value = call.feature(0);
  for (size_t k = 0; k < slice_ranges(call.node, lists); ++k) {
    const SliceRange range = slice_range(call.node, lists, k, value.dims);
    const int64_t size = value.dims[range.axis];
    if (range.begin == 0 && range.end == size && range.step == 1) continue;
    if (range.step < 1 || range.begin >= range.end)
      throw UserError("a slice that is empty or runs backwards");
    const Call here{call.node, {value}, call.net};
    if (range.axis == channel_axis(call.net, value)) {
      if (range.step != 1) throw UserError("a slice of channels with steps");
      value = channels(here, range.begin, range.end - range.begin);
      continue;
    }
    if (value.dims.size() != 4 || range.axis == 0)
      throw UserError("a slice of another axis than channels, height and width");
    const bool rows = range.axis == (value.layout == Layout::map ? 2u : 1u);
    if (range.begin > 0 || range.end < size) {
      Node crop;
      crop.op = Op::pad;
      crop.out_channels = call.net.shape(value.node).channels;
      KernelAxis& axis = rows ? crop.y : crop.x;
      axis.pad = -range.begin, axis.pad_end = range.end - size;
      value.node = call.net.append(crop, {value.node});
    }
    if (range.step > 1) {
      Node every;
      every.op = Op::max_pool;
      (rows ? every.y : every.x).stride = range.step;
      value.node = call.net.append(every, {value.node});
    }
    value.dims[range.axis] = (range.end - range.begin + range.step - 1) / range.step;
  }
  return {value};
}

}  // namespace

Value reshaped(Net& net, Value value, const Dims& dims) {
  if (dims == value.dims) return value;
  value = settled(net, std::move(value));
  const FeatureShape& s = net.shape(value.node);
  const int64_t batch = value.dims[0];
  const bool one_cell = s.height * s.width == 1;
  const bool last =
      (value.layout == Layout::last || value.layout == Layout::flat_last) && !one_cell;
  value.dims = dims;
  if (dims.size() == 2 && dims[0] == batch && dims[1] == s.elements()) {
    value.layout = last ? Layout::flat_last : Layout::flat;
    return value;
  }
  if (dims == Dims{batch, s.channels, s.height, s.width} && !last) {
    value.layout = Layout::map;
    return value;
  }
  if (dims == Dims{batch, s.height, s.width, s.channels} && (last || one_cell)) {
    value.layout = Layout::last;
    return value;
  }
  if (dims.size() == 5 && !last && dims[0] == batch && dims[1] > 0 &&
      dims[1] * dims[2] == s.channels && dims[3] == s.height && dims[4] == s.width) {
    value.layout = Layout::split;
    value.groups = dims[1];
    return value;
  }
  throw UserError("a reshape that is none of flattening, its reverse and a channel shuffle's");
}

size_t channel_axis(Net& net, const Value& value) {
  const FeatureShape& shape = net.shape(value.node);
  if (value.layout == Layout::map && value.dims.size() == 4) return 1;
  if (value.layout == Layout::last) return 3;
  const bool flat = value.layout == Layout::flat || value.layout == Layout::flat_last;
  if (flat && shape.height * shape.width == 1 && value.dims.size() == 2) return 1;
  throw UserError("a feature without an axis of channels");
}

int as_map(Net& net, const Value& value) {
  if (value.layout != Layout::map || value.dims.size() != 4) {
    throw UserError("its input is no map of channels, height and width");
  }
  (void)net;
  return value.node;
}

void add_layout_rules(std::map<std::string, Rule>& rules) {
  rules["Reshape"] = reshape;
  rules["Flatten"] = flatten;
  rules["Squeeze"] = squeeze;
  rules["Unsqueeze"] = unsqueeze;
  rules["Transpose"] = transpose;
  rules["Concat"] = concat;
  rules["Split"] = split;
  rules["Slice"] = slice;
}

}  // namespace hdecomp::onnx
