/// What puts channels together or takes them, or cells of the map, apart: concatenation, splits,
/// slices, gathers.
#include <algorithm>

#include "hdecomp/error.h"
#include "weights/onnx/attributes.h"
#include "weights/onnx/translate.h"

namespace hdecomp::onnx {
namespace {

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

/// Channels by their numbers in any order: a slice for each run of neighbours, side by side.
Value picked(const Call& call, const std::vector<int64_t>& numbers) {
  constexpr size_t most_runs = 1024;
  std::vector<int> runs;
  Value result = call.feature(0);
  for (size_t first = 0, end; first < numbers.size(); first = end) {
    end = first + 1;
    while (end < numbers.size() && numbers[end] == numbers[end - 1] + 1) ++end;
    if (runs.size() == most_runs) throw UserError("channels taken in too many pieces");
    runs.push_back(channels(call, numbers[first], static_cast<int64_t>(end - first)).node);
  }
  if (runs.empty()) throw UserError("a part without channels");
  Node side_by_side;
  side_by_side.op = Op::concat;
  result.node = runs.size() == 1 ? runs[0] : call.net.append(side_by_side, runs);
  result.dims[channel_axis(call.net, result)] = static_cast<int64_t>(numbers.size());
  return result;
}

/// Of channels. One number that is no list takes their axis away; an Unsqueeze puts it back.
std::vector<Value> gather(const Call& call) {
  const Value& value = call.feature(0);
  const Constant& indices = call.constant(1);
  const size_t axis = axis_of(integer(call.node, "axis", 0), value.dims.size());
  if (axis != channel_axis(call.net, value) || !indices.whole || indices.dims.size() > 1)
    throw UserError("a gather of other than channels by their numbers");
  std::vector<int64_t> numbers = indices.integers;
  for (int64_t& number : numbers) {
    if (number < 0) number += value.dims[axis];
    if (number < 0 || number >= value.dims[axis])
      throw UserError(joined("channel ", number, " of ", value.dims[axis]));
  }
  Value result = picked(call, numbers);
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

/// Channels; or a part of the map; or every second cell, which a pool of one cell takes.
std::vector<Value> slice(const Call& call) {
  const std::vector<ConstantPtr> lists = call.constants();
  Value value = call.feature(0);
  for (size_t k = 0; k < slice_ranges(call.node, lists); ++k) {
    const SliceRange range = slice_range(call.node, lists, k, value.dims);
    const int64_t size = value.dims[range.axis];
    if (range.begin == 0 && range.end == size && range.step == 1) continue;
    const Call here{call.node, {value}, call.net};
    if (range.axis == channel_axis(call.net, value)) {
      value = picked(here, places_of(range));
      continue;
    }
    if (range.step < 1 || range.begin >= range.end)
      throw UserError("a slice that is empty or runs backwards");
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

void add_part_rules(std::map<std::string, Rule>& rules) {
  rules["Concat"] = concat;
  rules["Split"] = split;
  rules["Slice"] = slice;
  rules["Gather"] = gather;
}

}  // namespace hdecomp::onnx
