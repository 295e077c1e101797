/// What takes channels, or cells of the map, apart: splits, slices, gathers.
#include <algorithm>
#include <numeric>

#include "hdecomp/error.h"
#include "weights/onnx/attributes.h"
#include "weights/onnx/lowered.h"

namespace hdecomp::onnx {
namespace {

/// The places on an axis that counts channels, or a part of them.
Value picked(const Call& call, size_t axis, const ChannelCut& cut,
             const std::vector<int64_t>& places) {
  Value result = call.feature(0);
  result.node = taken_channels(call.net, result.node, channels_at(cut, places));
  result.dims[axis] = static_cast<int64_t>(places.size());
  return result;
}

std::vector<int64_t> run_of(int64_t first, int64_t count) {
  std::vector<int64_t> places(static_cast<size_t>(std::max<int64_t>(count, 0)));
  std::iota(places.begin(), places.end(), first);
  return places;
}

/// Rows or columns from the last on to the first.
int backwards(Net& net, int in, Side side) {
  Node node = gather_of_all(net.shape(in));
  KernelAxis& axis = side == Side::height ? node.y : node.x;
  axis.stride = -1, axis.pad = 1;
  return net.append(node, {in});
}

/// Rows or columns [begin, end), every `step`-th of them, which a pool of one cell takes.
Value cells(Net& net, Value value, size_t axis, SliceRange range) {
  const int64_t size = value.dims[axis];
  const std::optional<Side> side = side_of(net, value, axis);
  if (side != Side::height && side != Side::width)
    throw UserError("a part of another axis than channels, height and width");
  if (range.step < 0) {
    value.node = backwards(net, value.node, *side);
    range = {axis, size - 1 - range.begin, size - 1 - range.end, -range.step};
  }
  if (range.begin >= range.end) throw UserError("a slice that is empty");
  if (range.begin > 0 || range.end < size)
    value.node = padded(net, value.node, *side, -range.begin, range.end - size);
  if (range.step > 1) {
    Node every;
    every.op = Op::max_pool;
    (side == Side::height ? every.y : every.x).stride = range.step;
    value.node = net.append(every, {value.node});
  }
  value.dims[axis] = (range.end - range.begin + range.step - 1) / range.step;
  return value;
}

/// What the axis counts of the channels, where it is none of the map's.
std::optional<ChannelCut> cut_beside_map(const Net& net, const Value& value, size_t axis) {
  const std::optional<Side> side = side_of(net, value, axis);
  if (side == Side::height || side == Side::width) return std::nullopt;
  return channel_cut(net, value, axis);
}

/// Of channels, or one row or column. One number that is no list takes the axis away; an Unsqueeze
/// puts it back.
std::vector<Value> gather(const Call& call) {
  const Value& value = call.feature(0);
  const Constant& indices = call.constant(1);
  const size_t axis = axis_of(integer(call.node, "axis", 0), value.dims.size());
  if (!indices.whole || indices.dims.size() > 1) throw UserError("a gather by a table of numbers");
  const std::optional<ChannelCut> cut = cut_beside_map(call.net, value, axis);
  std::vector<int64_t> numbers = indices.integers;
  for (int64_t& number : numbers) {
    if (number < 0) number += value.dims[axis];
    if (number < 0 || number >= value.dims[axis])
      throw UserError(joined(cut ? "channel " : "place ", number, " of ", value.dims[axis]));
  }
  Value result = value;
  if (cut) {
    result = picked(call, axis, *cut, numbers);
  } else if (axis == 0 || numbers.size() != 1) {
    throw UserError("a gather of other than channels, or of one row or column");
  } else if (value.dims[axis] > 1) {
    result = cells(call.net, value, axis, {axis, numbers[0], numbers[0] + 1});
  }
  if (indices.dims.empty()) result.dims.erase(result.dims.begin() + static_cast<int64_t>(axis));
  return {result};
}

std::vector<Value> split(const Call& call) {
  const Value& value = call.feature(0);
  const size_t axis = axis_of(integer(call.node, "axis", 0), value.dims.size());
  const std::optional<ChannelCut> cut = cut_beside_map(call.net, value, axis);
  std::vector<int64_t> sizes =
      call.has(1) ? call.constant(1).integers : integers(call.node, "split");
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
    if (size < 1 || size > value.dims[axis] - first)
      throw UserError(joined("a part of ", size, " places at ", first, " of ", value.dims[axis]));
    outputs.push_back(cut ? picked(call, axis, *cut, run_of(first, size))
                          : cells(call.net, value, axis, {axis, first, first + size}));
    first += size;
  }
  return outputs;
}

/// Channels, or a part of the map.
std::vector<Value> slice(const Call& call) {
  const std::vector<ConstantPtr> lists = call.constants();
  Value value = call.feature(0);
  for (size_t k = 0; k < slice_ranges(call.node, lists); ++k) {
    const SliceRange range = slice_range(call.node, lists, k, value.dims);
    const int64_t size = value.dims[range.axis];
    if (range.begin == 0 && range.end == size && range.step == 1) continue;
    const Call here{call.node, {value}, call.net};
    const std::optional<ChannelCut> cut = cut_beside_map(call.net, value, range.axis);
    value = cut ? picked(here, range.axis, *cut, places_of(range))
                : cells(call.net, value, range.axis, range);
  }
  return {value};
}

}  // namespace

void add_part_rules(std::map<std::string, Rule>& rules) {
  rules["Split"] = split;
  rules["Slice"] = slice;
  rules["Gather"] = gather;
}

}  // namespace hdecomp::onnx
