/// Convolutions, pools and padding: what has a kernel, or reads beyond the map.
#include <algorithm>

#include "hdecomp/error.h"
#include "weights/general/padding.h"
#include "weights/onnx/attributes.h"
#include "weights/onnx/translate.h"

namespace hdecomp::onnx {
namespace {

int64_t entry(const std::vector<int64_t>& list, size_t i, int64_t otherwise) {
  if (list.empty()) return otherwise;
  if (i >= list.size()) throw UserError("a list of strides, pads or dilations that is too short");
  return list[i];
}

void set_kernel(const RawNode& raw, const std::vector<int64_t>& sizes, const FeatureShape& in,
                Node& node) {
  if (sizes.size() != 2)
    throw UserError(joined("a kernel of ", sizes.size(), " dimensions; 2 are supported"));
  const std::vector<int64_t> strides = integers(raw, "strides"),
                             dilations = integers(raw, "dilations"), pads = integers(raw, "pads");
  const std::string automatic = text(raw, "auto_pad", "NOTSET");
  for (const size_t i : {0u, 1u}) {
    KernelAxis& axis = i == 0 ? node.y : node.x;
    axis.size = sizes[i];
    axis.stride = entry(strides, i, 1);
    axis.dilation = entry(dilations, i, 1);
    if (automatic == "NOTSET") {
      axis.pad = entry(pads, i, 0);
      axis.pad_end = entry(pads, i + 2, 0);
    } else if (automatic != "VALID") {
      general::pad_same(axis, i == 0 ? in.height : in.width, automatic == "SAME_UPPER");
    }
  }
}

std::vector<Value> as_maps(const Call& call, int node) {
  Value value;
  const FeatureShape& shape = call.net.shape(node);
  value.node = node;
  value.dims = {call.feature(0).dims[0], shape.channels, shape.height, shape.width};
  return {value};
}

std::vector<Value> conv(const Call& call) {
  Net& net = call.net;
  const int in = as_map(call.feature(0));
  const Constant& weight = call.constant(1);
  if (weight.dims.size() != 4 || weight.whole)
    throw UserError("a weight that is not of 4 dimensions");
  Node node;
  node.op = Op::conv;
  node.out_channels = weight.dims[0];
  node.groups = integer(call.node, "group", 1);
  set_kernel(call.node, {weight.dims[2], weight.dims[3]}, net.shape(in), node);
  const int below = general::absorb_padding(net, in, call.feature(0).sole, node);
  return as_maps(call, net.append(node, {below}, weight.reals,
                                  call.has(2) ? call.constant(2).reals : std::vector<float>{}));
}

std::vector<Value> pool(const Call& call) {
  Net& net = call.net;
  const int in = as_map(call.feature(0));
  Node node;
  node.op = call.node.op == "MaxPool" ? Op::max_pool : Op::avg_pool;
  set_kernel(call.node, integers(call.node, "kernel_shape"), net.shape(in), node);
  if (integer(call.node, "ceil_mode", 0) != 0) node.rounding = Rounding::up;
  node.count_padding = integer(call.node, "count_include_pad", 0) != 0;
  int below = in;
  const bool unpadded = node.y.pad + node.y.pad_end + node.x.pad + node.x.pad_end == 0;
  if (node.op == Op::avg_pool && unpadded && node.rounding == Rounding::down) {
    Node absorbing = node;
    below = general::absorb_padding(net, in, call.feature(0).sole, absorbing);
    const auto fits = [](const KernelAxis& axis) {
      return std::max(axis.pad, axis.pad_end) < axis.size;
    };
    if (below != in && fits(absorbing.y) && fits(absorbing.x)) {
      node = absorbing;
      node.count_padding = true;
    } else {
      below = in;
    }
  }
  std::vector<Value> outputs = as_maps(call, net.append(node, {below}));
  if (call.node.outputs.size() > 1 && !call.node.outputs[1].empty())
    throw UserError("the positions of the maxima");
  return outputs;
}

/// The mean or the maximum of each channel.
int whole_map(Net& net, int in, bool maximum) {
  Node node;
  node.op = maximum ? Op::max_pool : Op::adaptive_avg_pool;
  if (maximum) {
    node.y.size = net.shape(in).height;
    node.x.size = net.shape(in).width;
  }
  return net.append(node, {in});
}

std::vector<Value> global_pool(const Call& call) {
  const int in = as_map(call.feature(0));
  return as_maps(call, whole_map(call.net, in, call.node.op == "GlobalMaxPool"));
}

std::vector<Value> reduce(const Call& call) {
  const Value& value = call.feature(0);
  std::vector<int64_t> axes = call.has(1) ? call.constant(1).integers : integers(call.node, "axes");
  for (int64_t& axis : axes) axis = static_cast<int64_t>(axis_of(axis, value.dims.size()));
  std::ranges::sort(axes);
  const FeatureShape& shape = call.net.shape(value.node);
  const std::vector<int64_t> row{value.dims[0], shape.channels, shape.height * shape.width};
  const bool of_map =
      value.layout == Layout::map &&
      axes == (value.dims == row ? std::vector<int64_t>{2} : std::vector<int64_t>{2, 3});
  const bool of_last = value.layout == Layout::last && axes == std::vector<int64_t>{1, 2};
  if (!of_map && !of_last) throw UserError("over other axes than height and width");
  Value result = value;
  result.node = whole_map(call.net, value.node, call.node.op == "ReduceMax");
  for (const int64_t axis : axes) result.dims[axis] = 1;
  if (integer(call.node, "keepdims", 1) != 0) return {result};
  return {reshaped(call.net, result, {value.dims[0], call.net.shape(result.node).channels})};
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

std::vector<Value> pad(const Call& call) {
  constexpr int64_t most_cells = int64_t{1} << 24;
  Net& net = call.net;
  const Value& value = call.feature(0);
  if (const std::string mode = text(call.node, "mode", "constant"); mode != "constant") {
    throw UserError(joined("mode ", mode, "; constant zeros are supported"));
  }
  const float filling =
      call.has(2) ? call.constant(2).scalar().value_or(1) : real(call.node, "value", 0);
  const std::vector<int64_t> pads = pads_of(call, value.dims.size());
  if (value.dims.size() != 4 || pads.size() != 8 ||
      (value.layout != Layout::map && value.layout != Layout::last)) {
    throw UserError("padding of other than a map's 4 dimensions");
  }
  if (std::ranges::all_of(pads, [](int64_t cells) { return cells == 0; })) return {value};
  if (filling != 0) throw UserError(joined("padding with ", filling, "; zeros are supported"));
  for (const int64_t cells : pads) {
    if (cells < -most_cells || cells > most_cells) throw UserError(joined("padding of ", cells));
  }
  const bool last = value.layout == Layout::last;
  const size_t c = last ? 3 : 1, y = last ? 1 : 2, x = last ? 2 : 3;
  if (pads[0] != 0 || pads[4] != 0) throw UserError("padding of the batch");
  Node node;
  node.op = Op::pad;
  node.first_channel = -pads[c];
  node.out_channels = net.shape(value.node).channels + pads[c] + pads[c + 4];
  node.y.pad = pads[y], node.y.pad_end = pads[y + 4];
  node.x.pad = pads[x], node.x.pad_end = pads[x + 4];
  Value result = value;
  result.node = net.append(node, {value.node});
  for (size_t i = 1; i < 4; ++i) result.dims[i] += pads[i] + pads[i + 4];
  return {result};
}

}  // namespace

void add_kernel_rules(std::map<std::string, Rule>& rules) {
  rules["Conv"] = conv;
  rules["MaxPool"] = rules["AveragePool"] = pool;
  rules["GlobalAveragePool"] = rules["GlobalMaxPool"] = global_pool;
  rules["ReduceMean"] = rules["ReduceMax"] = reduce;
  rules["Pad"] = pad;
}

}  // namespace hdecomp::onnx
