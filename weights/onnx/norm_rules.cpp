/// Normalisations: batch norm, which is an affine map, response, layer, group and instance norm.
#include <algorithm>
#include <charconv>
#include <cmath>

#include "hdecomp/error.h"
#include "weights/general/channel_scale.h"
#include "weights/onnx/attributes.h"
#include "weights/onnx/lowered.h"

namespace hdecomp::onnx {
namespace {

/// A small number as its exporter had it in double precision: the file keeps 1e-5 as 9.99999975e-6.
double as_written(float number) {
  char digits[32];
  const char* const end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  double value = number;
  std::from_chars(digits, end, value);
  return value;
}

std::vector<Value> batch_norm(const Call& call) {
  const Value& value = call.feature(0);
  if (channel_axis(call.net, value) != 1) throw UserError("channels on the last axis");
  if (integer(call.node, "training_mode", 0) != 0) throw UserError("training mode");
  const std::vector<float> gamma = per_channel(call, call.constant(1)),
                           beta = per_channel(call, call.constant(2)),
                           mean = per_channel(call, call.constant(3)),
                           variance = per_channel(call, call.constant(4));
  const double epsilon = as_written(real(call.node, "epsilon", 1e-5f));
  const auto [scale, shift] = general::scale_of_batch_norm(gamma, beta, mean, variance, epsilon);
  for (size_t i = 0; i < scale.size(); ++i) {
    if (!std::isfinite(scale[i]) || !std::isfinite(shift[i]))
      throw UserError(joined("variance ", variance[i], " of channel ", i));
  }
  return {call.as(0, call.net.scaled(value.node, value.sole, scale, shift))};
}

std::vector<Value> lrn(const Call& call) {
  Node node;
  node.op = Op::lrn;
  node.lrn.size = integer(call.node, "size", 0);
  node.lrn.before = (node.lrn.size - 1) / 2;
  node.lrn.alpha = real(call.node, "alpha", 1e-4f);
  node.lrn.beta = real(call.node, "beta", 0.75f);
  node.lrn.k = real(call.node, "bias", 1);
  return {call.as(0, call.net.append(node, {as_map(call.net, call.feature(0))}))};
}

/// Over the channels alone.
std::vector<Value> layer_norm(const Call& call) {
  const Value& value = call.feature(0);
  const size_t axis = axis_of(integer(call.node, "axis", -1), value.dims.size());
  const bool alone = text(call.node, "over", "") == "axis" || axis + 1 == value.dims.size();
  if (axis != channel_axis(call.net, value) || !alone)
    throw UserError("a norm over other axes than the channels");
  Node node;
  node.op = Op::layer_norm;
  node.epsilon = real(call.node, "epsilon", 1e-5f);
  const auto count = static_cast<size_t>(call.net.shape(value.node).channels);
  return {call.as(
      0, call.net.append(
             node, {value.node},
             call.has(1) ? per_channel(call, call.constant(1)) : std::vector<float>(count, 1),
             call.has(2) ? per_channel(call, call.constant(2)) : std::vector<float>(count, 0)))};
}

/// One number per channel of a constant that has one per channel, per group, or one for all.
std::vector<double> of_groups(const Constant& numbers, int64_t groups, int64_t channels) {
  const int64_t count = numbers.elements();
  if (numbers.whole || (count != groups && count != channels && count != 1))
    throw UserError(joined(count, " numbers for ", groups, " groups of ", channels, " channels"));
  std::vector<double> all;
  for (int64_t c = 0; c < channels; ++c) all.push_back(numbers.reals[c * count / channels]);
  return all;
}

/// InstanceNormalization, whose groups are the channels of its own view, and GroupNormalization.
std::vector<Value> group_norm(const Call& call) {
  Net& net = call.net;
  const Value& value = call.feature(0);
  const FeatureShape shape = net.shape(value.node);
  const bool instance = call.node.op == "InstanceNormalization";
  if (value.dims.size() < 3 || (value.layout != Layout::map && !is_in_any_order(net, value)))
    throw UserError("its input is no map whose channels are the second axis");
  const int64_t groups = instance ? value.dims[1] : integer(call.node, "num_groups", 0);
  if (instance ? groups < 1 || shape.channels % groups != 0 : value.dims[1] != shape.channels)
    throw UserError("a norm over other than whole channels");
  const std::vector<double> scale = of_groups(call.constant(1), groups, shape.channels),
                            shift = of_groups(call.constant(2), groups, shape.channels);
  const double epsilon = as_written(real(call.node, "epsilon", 1e-5f));
  const int normalised = normalised_groups(net, value.node, groups, epsilon);
  const auto all = [](const std::vector<double>& numbers, double wanted) {
    return std::ranges::all_of(numbers, [&](double number) { return number == wanted; });
  };
  if (all(scale, 1) && all(shift, 0)) return {call.as(0, normalised)};
  return {call.as(0, net.scaled(normalised, false, scale, shift))};
}

}  // namespace

void add_norm_rules(std::map<std::string, Rule>& rules) {
  rules["BatchNormalization"] = batch_norm;
  rules["LRN"] = lrn;
  rules["LayerNormalization"] = layer_norm;
  rules["InstanceNormalization"] = rules["GroupNormalization"] = group_norm;
}

}  // namespace hdecomp::onnx
