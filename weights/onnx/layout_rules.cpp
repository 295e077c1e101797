/// How a feature is seen: reshapes, transposes, and the layouts that they may have.
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
  const Dims map{batch, s.channels, s.height, s.width}, row{batch, s.channels, s.height * s.width};
  if ((dims == map || dims == row) &&
      !last) {  // a row of cells waits to be averaged, or to be a map again
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

int as_map(const Value& value) {
  if (value.layout != Layout::map || value.dims.size() != 4) {
    throw UserError("its input is no map of channels, height and width");
  }
  return value.node;
}

void add_layout_rules(std::map<std::string, Rule>& rules) {
  rules["Reshape"] = reshape;
  rules["Flatten"] = flatten;
  rules["Squeeze"] = squeeze;
  rules["Unsqueeze"] = unsqueeze;
  rules["Transpose"] = transpose;
}

}  // namespace hdecomp::onnx
