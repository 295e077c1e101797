/// What puts channels together or takes them, or cells of the map, apart: concatenation, splits,
/// slices, gathers.
#include <algorithm>

#include "hdecomp/error.h"
#include "weights/onnx/attributes.h"
#include "weights/onnx/lowered.h"

namespace hdecomp::onnx {
namespace {

std::vector<Value> concat(const Call& call) {
  std::vector<int> inputs;
  Value result = call.feature(0);
  for (size_t i = 1; i < call.inputs.size(); ++i) {  // one of a single channel takes any
    if (is_in_any_order(call.net, result)) result.layout = call.feature(i).layout;
  }
  const size_t axis = axis_of(integer(call.node, "axis", 1), result.dims.size());
  int64_t total = 0;
  for (size_t i = 0; i < call.inputs.size(); ++i) {
    Value each = call.feature(i);
    if (is_in_any_order(call.net, each)) each.layout = result.layout;
    if (each.layout != result.layout || each.dims.size() != result.dims.size())
      throw UserError("inputs of unequal layout");
    if (axis != find_channel_axis(call.net, each))
      throw UserError("concatenation of another axis than the channels");
    inputs.push_back(each.node);
    total += each.dims[axis];
  }
  result.dims[axis] = total;
  if (inputs.size() > 1) result.node = call.net.append(Op::concat, inputs);
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

/// Channels by their numbers in any order: a slice for each run of neighbours, side by side.
Value picked(const Call& call, const std::vector<int64_t>& numbers) {
  constexpr size_t most_runs = 1024;
  std::vector<int> runs;
  Value result = call.feature(0);
  const size_t axis = channel_axis(call.net, result);
  for (size_t first = 0, end; first < numbers.size(); first = end) {
    end = first + 1;
    while (end < numbers.size() && numbers[end] == numbers[end - 1] + 1) ++end;
    if (runs.size() == most_runs) throw UserError("channels taken in too many pieces");
    runs.push_back(channels(call, numbers[first], static_cast<int64_t>(end - first)).node);
  }
  if (runs.empty()) throw UserError("a part without channels");
  result.node = runs.size() == 1 ? runs[0] : call.net.append(Op::concat, runs);
  result.dims[axis] = static_cast<int64_t>(numbers.size());
  return result;
}

/// Rows or columns [begin, end), every `step`-th of them, which a pool of one cell takes.
Value cells(Net& net, Value value, size_t axis, const SliceRange& range) {
  const int64_t size = value.dims[axis];
  const std::optional<Side> side = side_of(net, value, axis);
  if (side != Side::height && side != Side::width)
    throw UserError("a part of another axis than channels, height and width");
  if (range.step < 1 || range.begin >= range.end)
    throw UserError("a slice that is empty or runs backwards");
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

/// Of channels, or one row or column. One number that is no list takes the axis away; an Unsqueeze
/// puts it back.
std::vector<Value> gather(const Call& call) {
  const Value& value = call.feature(0);
  const Constant& indices = call.constant(1);
  const size_t axis = axis_of(integer(call.node, "axis", 0), value.dims.size());
  if (!indices.whole || indices.dims.size() > 1) throw UserError("a gather by a table of numbers");
  const bool of_channels = axis == find_channel_axis(call.net, value);
  std::vector<int64_t> numbers = indices.integers;
  for (int64_t& number : numbers) {
    if (number < 0) number += value.dims[axis];
    if (number < 0 || number >= value.dims[axis])
      throw UserError(
          joined(of_channels ? "channel " : "place ", number, " of ", value.dims[axis]));
  }
  Value result = value;
  if (of_channels) {
    result = picked(call, numbers);
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
  if (axis != channel_axis(call.net, value))
    throw UserError("a split of another axis than the channels");
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
    outputs.push_back(channels(call, first, size));
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
    value = range.axis == find_channel_axis(call.net, value)
                ? picked(here, places_of(range))
                : cells(call.net, value, range.axis, range);
  }
  return {value};
}

}  // namespace

void add_part_rules(std::map<std::string, Rule>& rules) {
  rules["Concat"] = concat;
  rules["Split"] = split;
  rules["Slice"] = slice;
  rules["Gather"] = gather;
}

}  // namespace hdecomp::onnx
