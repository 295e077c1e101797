/// Sums, differences, products and quotients: of two features, or of one and constants.
#include <algorithm>
#include <cmath>

#include "hdecomp/error.h"
#include "weights/onnx/attributes.h"
#include "weights/onnx/lowered.h"

namespace hdecomp::onnx {
namespace {

/// Whether a constant has one number for each channel, or for all.
bool is_per_channel(Net& net, const Value& value, const Constant& c) {
  if (c.elements() == 1) return true;
  const std::optional<size_t> axis = find_channel_axis(net, value);
  const size_t rank = value.dims.size();
  for (size_t i = 0; i < c.dims.size(); ++i) {
    const bool is_channel = axis && c.dims.size() - i == rank - *axis;
    if (c.dims[i] != 1 && !(is_channel && c.dims[i] == net.shape(value.node).channels))
      return false;
  }
  return true;
}

bool near(double a, double b) { return std::abs(a - b) <= 1e-4 * std::abs(b); }

/// One number for each of the value's channels, of a constant that is_per_channel().
std::vector<double> over_channels(Net& net, const Value& value, const Constant& c) {
  if (c.whole || c.elements() == 0) throw UserError("a constant that is not of real numbers");
  if (c.dims.size() > value.dims.size())
    throw UserError("a constant of more axes than its feature");
  const int64_t channels = net.shape(value.node).channels;
  if (c.elements() == 1) return std::vector<double>(channels, c.reals[0]);
  if (c.elements() != channels) throw UserError("a constant that does not fit the channels");
  return {c.reals.begin(), c.reals.end()};
}

/// x * min(max(x + 3, 0), 6) / 6 and the like, spelt out by exporters: what ends up as
/// min(max(x + 3, 0), 6) is an affine node with a ReLU6, which a factor of 1/6 makes a hard
/// sigmoid.
bool is_shifted_relu6(Net& net, int at) {
  const Node& node = net.node(at);
  if (node.op != Op::affine || node.activation != Activation::relu6) return false;
  const LayerWeights& layer = net.layers()[at];
  const auto all = [](const Tensor& tensor, float wanted) {
    return std::ranges::all_of(tensor.span(), [&](float v) { return v == wanted; });
  };
  return all(layer.weight, 1) && all(layer.bias, 3);
}

void become(Net& net, int at, ScalarFunction function, int input) {
  Node node;
  node.op = Op::activation;
  node.function = function;
  node.inputs = {input};
  node.name = net.node(at).name;
  node.torchvision = net.node(at).torchvision;
  net.node(at) = node;
  net.layers()[at] = {};
  net.reshape(at);
}

/// A sixth of a node that is about to be a hard sigmoid or a hard swish.
bool take_sixth(Net& net, const Value& value) {
  if (!value.sole) return false;
  if (is_shifted_relu6(net, value.node)) {
    become(net, value.node, {Function::hard_sigmoid, 1.0f / 6, 0.5f},
           net.node(value.node).inputs[0]);
    return true;
  }
  const Node& node = net.node(value.node);
  if (node.op != Op::mul || node.activation != Activation::none) return false;
  for (const size_t i : {0u, 1u}) {
    const int gate = node.inputs[i], x = node.inputs[1 - i];
    if (!is_shifted_relu6(net, gate) || net.node(gate).inputs[0] != x) continue;
    become(net, value.node, {Function::hard_swish}, x);
    return true;
  }
  return false;
}

/// x sigmoid(x) and x hard_sigmoid(x).
bool gated_by_itself(Net& net, int x, const Value& gate, ScalarFunction& function) {
  const Node& node = net.node(gate.node);
  if (!gate.sole || node.op != Op::activation || node.inputs[0] != x) return false;
  const ScalarFunction& f = node.function;
  const bool sixth = near(f.alpha, 1.0 / 6) && f.beta == 0.5f;
  if (f.function == Function::sigmoid)
    function = {Function::silu};
  else if (f.function == Function::hard_sigmoid && sixth)
    function = {Function::hard_swish};
  else
    return false;
  return true;
}

/// With a number for each element.
Value with_map(const Call& call, size_t feature, const Constant& c) {
  Net& net = call.net;
  const Value& value = call.feature(feature);
  const std::string& op = call.node.op;
  std::vector<float> numbers = numbers_of_elements(net, value, c, net.budget());
  const size_t count = numbers.size();
  int x = value.node;
  if (op == "Div" && feature == 0)
    for (float& number : numbers) number = 1 / number;
  if (op == "Div" && feature == 1) x = power(net, x, -1);
  if (op == "Mul" || op == "Div")
    return call.as(feature, scaled_map(net, x, std::move(numbers), std::vector<float>(count, 0)));
  if (op == "Sub" && feature == 0)
    for (float& number : numbers) number = -number;
  const float sign = op == "Sub" && feature == 1 ? -1.0f : 1.0f;
  return call.as(feature, scaled_map(net, x, std::vector<float>(count, sign), std::move(numbers)));
}

Value with_constant(const Call& call, size_t feature, const Constant& c) {
  Net& net = call.net;
  const Value& value = call.feature(feature);
  const std::string& op = call.node.op;
  if (!is_per_channel(net, value, c)) return with_map(call, feature, c);
  const auto count = static_cast<size_t>(net.shape(value.node).channels);
  std::vector<double> numbers = over_channels(net, value, c), scale(count, 1), shift(count, 0);
  if (op == "Div" && feature == 1) {
    const int inverse = power(net, value.node, -1);
    return call.as(feature, net.scaled(inverse, false, numbers, shift));
  }
  if (op == "Mul" || op == "Div") {
    if (op == "Div")
      for (double& number : numbers) number = 1 / number;
    const bool sixth =
        std::ranges::all_of(numbers, [](double number) { return near(number, 1.0 / 6); });
    if (sixth && take_sixth(net, value)) return value;
    scale = numbers;
  } else {
    shift = numbers;
    if (op == "Sub" && feature == 0)
      for (double& number : shift) number = -number;
    if (op == "Sub" && feature == 1) scale.assign(count, -1);
  }
  return call.as(feature, net.scaled(value.node, value.sole, scale, shift));
}

Value of_features(const Call& call, const Value& a, const Value& b) {
  Net& net = call.net;
  Value result = seen_together(net, a, b);
  const std::string& op = call.node.op;
  Node node;
  if (const auto norm = op == "Div" ? response_norm(net, a.node, b.node) : std::nullopt) {
    node.op = Op::lrn;
    node.lrn = *norm;
    result.node = net.append(node, {a.node});
    return result;
  }
  if (ScalarFunction f;
      op == "Mul" && (gated_by_itself(net, a.node, b, f) || gated_by_itself(net, b.node, a, f))) {
    node.op = Op::activation;
    node.function = f;
    const bool b_gates =
        net.node(b.node).op == Op::activation && net.node(b.node).inputs[0] == a.node;
    result.node = net.append(node, {b_gates ? a.node : b.node});
    return result;
  }
  const Op both = op == "Sub" ? Op::sub : op == "Mul" ? Op::mul : op == "Div" ? Op::div : Op::add;
  result.node = net.append(both, {a.node, b.node});
  return result;
}

std::vector<Value> binary(const Call& call) {
  if (call.inputs.size() != 2 || !call.has(0) || !call.has(1))
    throw UserError("two inputs are needed");
  for (const size_t i : {0u, 1u}) {
    if (call.inputs[1 - i].constant) return {with_constant(call, i, *call.inputs[1 - i].constant)};
  }
  return {of_features(call, call.inputs[0], call.inputs[1])};
}

std::vector<Value> sum(const Call& call) {
  Value total = call.feature(0);
  for (size_t i = 1; i < call.inputs.size(); ++i) total = of_features(call, total, call.feature(i));
  return {total};
}

std::vector<Value> negative(const Call& call) {
  const Value& value = call.feature(0);
  return {call.as(0, negated(call.net, value.node, value.sole))};
}

/// By one number.
std::vector<Value> powers(const Call& call) {
  const std::string& op = call.node.op;
  const float exponent = op == "Sqrt"         ? 0.5f
                         : op == "Reciprocal" ? -1
                                              : number_of(call.constant(1));
  return {call.as(0, power(call.net, call.feature(0).node, exponent))};
}

}  // namespace

void add_arithmetic_rules(std::map<std::string, Rule>& rules) {
  rules["Add"] = rules["Sub"] = rules["Mul"] = rules["Div"] = binary;
  rules["Sum"] = sum;
  rules["Pow"] = rules["Sqrt"] = rules["Reciprocal"] = powers;
  rules["Neg"] = negative;
}

}  // namespace hdecomp::onnx
