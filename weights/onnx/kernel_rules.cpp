/// Convolutions and pools: what has a kernel.
#include <algorithm>

#include "hdecomp/error.h"
#include "weights/general/padding.h"
#include "weights/onnx/attributes.h"
#include "weights/onnx/lowered.h"
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

/// Of one dimension: along the channels, which an efficient channel attention (Wang et al. 2020)
/// has turned into the last axis.
std::vector<Value> channel_conv(const Call& call) {
  const Value& value = call.feature(0);
  const Constant& weight = call.constant(1);
  std::vector<int64_t> pads = integers(call.node, "pads");
  pads.resize(2, 0);
  const auto ones = [&](const char* name) {
    const std::vector<int64_t> all = integers(call.node, name);
    return all.empty() || all == std::vector<int64_t>{1};
  };
  const bool alone = value.dims.size() == 3 && value.dims[1] == 1 && ones("strides") &&
                     find_channel_axis(call.net, value) == size_t{2} && ones("dilations") &&
                     text(call.node, "auto_pad", "NOTSET") == "NOTSET" && weight.dims[0] == 1 &&
                     weight.dims[1] == 1 && !weight.whole;
  if (!alone) throw UserError("a convolution of 1 dimension, of other than all channels in a row");
  const float bias = call.has(2) ? number_of(call.constant(2)) : 0;
  Value result =
      call.as(0, convolved_channels(call.net, value.node, weight.reals, pads[0], pads[1], bias));
  result.dims[2] = call.net.shape(result.node).channels;
  return {result};
}

std::vector<Value> conv(const Call& call) {
  Net& net = call.net;
  const Constant& weight = call.constant(1);
  if (weight.dims.size() == 3) return channel_conv(call);
  const int in = as_map(net, call.feature(0));
  if (weight.dims.size() != 4 || weight.whole)
    throw UserError("a weight that is not of 4 dimensions");
  Node node;
  node.op = Op::conv;
  node.out_channels = weight.dims[0];
  node.groups = integer(call.node, "group", 1);
  set_kernel(call.node, {weight.dims[2], weight.dims[3]}, net.shape(in), node);
  const int below = general::absorb_padding(net, in, call.feature(0).sole, node);
  return {map_of(call, net.append(node, {below}, weight.reals,
                                  call.has(2) ? call.constant(2).reals : std::vector<float>{}))};
}

/// Of three dimensions: means over channels alone, of a feature with an axis of 1 before them.
std::vector<Value> channel_pool(const Call& call) {
  const Value& value = call.feature(0);
  const std::vector<int64_t> kernel = integers(call.node, "kernel_shape"),
                             strides = integers(call.node, "strides");
  std::vector<int64_t> pads = integers(call.node, "pads");
  pads.resize(6, 0);
  const auto all = [](const std::vector<int64_t>& list, int64_t wanted) {
    return std::ranges::all_of(list, [&](int64_t number) { return number == wanted; });
  };
  const bool alone = call.node.op == "AveragePool" && kernel[1] == 1 && kernel[2] == 1 &&
                     all(strides, 1) && pads[1] == 0 && pads[2] == 0 && pads[4] == 0 &&
                     pads[5] == 0 && all(integers(call.node, "dilations"), 1) &&
                     text(call.node, "auto_pad", "NOTSET") == "NOTSET";
  if (!alone || value.dims.size() != 5 || find_channel_axis(call.net, value) != size_t{2})
    throw UserError("a pool of 3 dimensions, of other than windows of channels");
  Value result = call.as(0, channel_windows(call.net, value.node, kernel[0], pads[0], pads[3],
                                            integer(call.node, "count_include_pad", 0) != 0));
  result.dims[2] = call.net.shape(result.node).channels;
  return {result};
}

std::vector<Value> pool(const Call& call) {
  if (integers(call.node, "kernel_shape").size() == 3) return channel_pool(call);
  Net& net = call.net;
  const int in = as_map(net, call.feature(0));
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
  if (call.node.outputs.size() > 1 && !call.node.outputs[1].empty())
    throw UserError("the positions of the maxima");
  return {map_of(call, net.append(node, {below}))};
}

std::vector<Value> global_pool(const Call& call) {
  const int in = as_map(call.net, call.feature(0));
  const bool maximum = call.node.op == "GlobalMaxPool";
  const Sides map = set_of(Side::height) | set_of(Side::width);
  return {map_of(call, reduced(call.net, in, map, maximum ? Reduction::maximum : Reduction::mean))};
}

}  // namespace

void add_kernel_rules(std::map<std::string, Rule>& rules) {
  rules["Conv"] = conv;
  rules["MaxPool"] = rules["AveragePool"] = pool;
  rules["GlobalAveragePool"] = rules["GlobalMaxPool"] = global_pool;
}

}  // namespace hdecomp::onnx
