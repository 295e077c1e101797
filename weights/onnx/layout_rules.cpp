/// How a feature is seen: reshapes and transposes, which compute nothing but a channel shuffle
/// or blocks of the map as channels.
#include <algorithm>
#include <numeric>

#include "hdecomp/error.h"
#include "weights/onnx/attributes.h"
#include "weights/onnx/lowered.h"
#include "weights/onnx/translate.h"
#include "weights/onnx/views.h"

namespace hdecomp::onnx {
namespace {

using Dims = std::vector<int64_t>;

std::vector<Value> reshape(const Call& call) {
  const Value& value = call.feature(0);
  const Dims dims = call.has(1) ? call.constant(1).integers : integers(call.node, "shape");
  return {
      reshaped(value, resolve_reshape(value.dims, dims, integer(call.node, "allowzero", 0) != 0))};
}

std::vector<Value> flatten(const Call& call) {
  const Value& value = call.feature(0);
  const auto rank = static_cast<int64_t>(value.dims.size());
  int64_t axis = integer(call.node, "axis", 1);
  if (axis < 0) axis += rank;
  if (axis < 0 || axis > rank) throw UserError(joined("axis ", axis, " of ", rank));
  const Dims before(value.dims.begin(), value.dims.begin() + axis);
  return {
      reshaped(value, resolve_reshape(value.dims, {elements_of(before, "Flatten"), -1}, false))};
}

std::vector<Value> squeeze(const Call& call) {
  const Value& value = call.feature(0);
  Dims axes = call.has(1) ? call.constant(1).integers : integers(call.node, "axes");
  if (axes.empty()) {  // all of size 1, but for the batch
    for (size_t i = 1; i < value.dims.size(); ++i) {
      if (value.dims[i] == 1) axes.push_back(static_cast<int64_t>(i));
    }
    if (axes.empty()) return {value};
  }
  return {reshaped(value, squeezed_dims(value.dims, axes))};
}

std::vector<Value> unsqueeze(const Call& call) {
  const Value& value = call.feature(0);
  const Dims axes = call.has(1) ? call.constant(1).integers : integers(call.node, "axes");
  return {reshaped(value, unsqueezed_dims(value.dims, axes))};
}

/// Computes nothing: a sum or a product, which alone may read it, broadcasts axes of 1 anyway.
std::vector<Value> expand(const Call& call) {
  Value value = call.feature(0);
  const Constant& shape = call.constant(1);
  const size_t rank = value.dims.size(), given = shape.integers.size();
  if (!shape.whole || given > rank) throw UserError("an expansion to more axes");
  for (size_t i = 0; i < given; ++i) {
    const int64_t wanted = shape.integers[i];
    int64_t& dim = value.dims[rank - given + i];
    if (wanted == dim || wanted == 1) continue;
    if (dim != 1 || wanted < 1 || rank - given + i == 0)
      throw UserError(joined("an expansion of ", dim, " to ", wanted));
    dim = wanted;
    value.spread = true;
  }
  elements_of(value.dims, "Expand");
  return {value};
}

/// The axes, of `order`, that are longer than 1.
Dims long_axes(const Dims& order, const Dims& dims) {
  Dims axes;
  for (const int64_t axis : order) {
    if (axis > 0 && dims[axis] > 1) axes.push_back(axis);
  }
  return axes;
}

/// How many of the first axes make up `size`; none if no number of them does.
size_t axes_of_size(const Dims& axes, const Dims& dims, int64_t size) {
  int64_t product = 1;
  for (size_t i = 0; i < axes.size() && product < size; ++i) {
    product *= dims[axes[i]];
    if (product == size) return i + 1;
  }
  return 0;
}

/// Two neighbouring axes of the channels change places.
bool shuffle(Net& net, Value& value, const Dims& from, const Dims& to, const Dims& dims) {
  size_t at = 0;
  while (at < from.size() && from[at] == to[at]) ++at;
  if (at + 1 >= from.size()) return false;
  Dims swapped = from;
  std::swap(swapped[at], swapped[at + 1]);
  const size_t before = value.layout == Layout::last ? from.size() - 2 : 0;
  const FeatureShape& shape = net.shape(value.node);
  if (swapped != to || at != before || dims[from[at]] * dims[from[at + 1]] != shape.channels)
    return false;
  Node node;
  node.op = Op::channel_shuffle;
  node.groups = dims[from[at]];
  value.node = net.append(node, {value.node});
  return true;
}

std::vector<Value> transpose(const Call& call) {
  Value value = call.feature(0);
  const Dims before = value.dims;
  Dims order = integers(call.node, "perm"), sorted = order, straight(before.size());
  std::iota(straight.begin(), straight.end(), 0);
  std::ranges::sort(sorted);
  if (sorted != straight) throw UserError("axes that are no permutation of its input's");
  if (order[0] != 0) throw UserError("a transpose that moves the batch");
  for (size_t i = 0; i < order.size(); ++i) value.dims[i] = before[order[i]];
  const FeatureShape& shape = call.net.shape(value.node);
  const bool last = value.layout == Layout::last;
  if (is_in_any_order(call.net, value)) {  // as its place says, for what is put beside it
    if (order == Dims{0, 2, 3, 1}) value.layout = Layout::last;
    if (order == Dims{0, 3, 1, 2}) value.layout = Layout::map;
  }
  const Dims from = long_axes(straight, before), to = long_axes(order, before);
  if (from == to) return {value};
  Dims turned = from;
  const size_t first =
      axes_of_size(from, before, last ? shape.height * shape.width : shape.channels);
  std::rotate(turned.begin(), turned.begin() + static_cast<int64_t>(first), turned.end());
  if (first > 0 && turned == to) {
    value.layout = last ? Layout::map : Layout::last;
    return {value};
  }
  if (shuffle(call.net, value, from, to, before)) return {value};
  if (const auto blocks = blocks_as_channels(call.net, value, from, to, before)) return {*blocks};
  throw UserError(
      "a permutation that is none of NCHW to NHWC, back, a channel shuffle, and blocks of the map "
      "as channels");
}

}  // namespace

void add_layout_rules(std::map<std::string, Rule>& rules) {
  rules["Reshape"] = reshape;
  rules["Flatten"] = flatten;
  rules["Squeeze"] = squeeze;
  rules["Unsqueeze"] = unsqueeze;
  rules["Expand"] = expand;
  rules["Transpose"] = transpose;
}

}  // namespace hdecomp::onnx
