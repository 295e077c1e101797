/// Functions of single numbers.
#include <algorithm>
#include <cmath>
#include <limits>
#include <string_view>

#include "hdecomp/error.h"
#include "weights/onnx/attributes.h"
#include "weights/onnx/lowered.h"
#include "weights/onnx/views.h"

namespace hdecomp::onnx {
namespace {

std::vector<Value> applied(const Call& call, ScalarFunction function) {
  return {call.as(0, apply(call.net, call.feature(0).node, function))};
}

std::vector<Value> relu(const Call& call) {
  const Value& value = call.feature(0);
  return {call.as(0, call.net.activated(value.node, value.sole, Activation::relu))};
}

/// Bounds are attributes up to opset 10, then inputs.
std::vector<Value> clip(const Call& call) {
  constexpr float infinity = std::numeric_limits<float>::infinity();
  const auto bound = [&](size_t i, const char* name, float otherwise) {
    if (call.has(i)) {
      const std::optional<float> number = call.constant(i).scalar();
      if (!number) throw UserError("a bound that is not one number");
      return *number;
    }
    return real(call.node, name, otherwise);
  };
  const float low = bound(1, "min", -infinity), high = bound(2, "max", infinity);
  const Value& value = call.feature(0);
  if (low == 0 && high == 6) {
    return {call.as(0, call.net.activated(value.node, value.sole, Activation::relu6))};
  }
  if (low == 0 && high >= std::numeric_limits<float>::max()) return relu(call);
  return applied(call, {Function::clip, low, high});
}

/// ONNX's functions of one number, with what their attributes are where a node does not say.
struct FunctionOp {
  const char* name;
  ScalarFunction usual;
  bool reads_alpha = false, reads_beta = false;
};
constexpr FunctionOp functions[] = {
    {"LeakyRelu", {Function::leaky_relu, 0.01f, 0}, true},
    {"Elu", {Function::elu, 1, 0}, true},
    {"Sigmoid", {Function::sigmoid}},
    {"HardSigmoid", {Function::hard_sigmoid, 0.2f, 0.5f}, true, true},
    {"HardSwish", {Function::hard_swish}},
    {"Tanh", {Function::tanh}},
    {"Softplus", {Function::softplus}},
    {"Swish", {Function::silu}},
    {"Gelu", {Function::gelu}},
    {"Abs", {Function::abs}},
    {"Exp", {Function::exp}},
    {"Log", {Function::log}},
    {"Sin", {Function::sin}},
    {"Cos", {Function::cos}},
    {"Erf", {Function::erf}},
};

std::vector<Value> function(const Call& call) {
  const auto named = [](const FunctionOp& op) { return std::string_view(op.name); };
  const FunctionOp& op = *std::ranges::find(functions, call.node.op, named);
  ScalarFunction f = op.usual;
  if (op.reads_alpha) f.alpha = real(call.node, "alpha", f.alpha);
  if (op.reads_beta) f.beta = real(call.node, "beta", f.beta);
  if (f.function == Function::silu && real(call.node, "alpha", 1) != 1)
    throw UserError("an alpha other than 1");
  const bool is_gelu = f.function == Function::gelu;
  if (is_gelu && text(call.node, "approximate", "none") == "tanh") f.function = Function::gelu_tanh;
  return applied(call, f);
}

/// A slope is broadcast from the last axis on; a list that fits the channels alone is theirs, as
/// older exporters mean it.
std::vector<Value> prelu(const Call& call) {
  const Value& value = call.feature(0);
  const size_t channels = channel_axis(call.net, value), rank = value.dims.size();
  const std::vector<int64_t>& dims = call.constant(1).dims;
  for (size_t back = 1; back <= std::min(dims.size(), rank); ++back) {
    const int64_t dim = dims[dims.size() - back];
    if (dim != 1 && rank - back != channels && dim == value.dims[rank - back])
      throw UserError("a slope that differs over the map; one per channel is supported");
  }
  Node node;
  node.op = Op::prelu;
  return {call.as(
      0, call.net.append(node, {call.feature(0).node}, per_channel(call, call.constant(1)), {}))};
}

/// gamma elu(x) (Klambauer et al. 2017).
std::vector<Value> selu(const Call& call) {
  const Value elu = applied(call, {Function::elu, real(call.node, "alpha", 1.67326319f)})[0];
  return {call.as(0, call.net.scaled(elu.node, false, real(call.node, "gamma", 1.05070102f), 0))};
}

/// alpha elu(x / alpha) of alpha 1 (Barron 2017).
std::vector<Value> celu(const Call& call) {
  const Value& value = call.feature(0);
  const double alpha = real(call.node, "alpha", 1);
  if (!(alpha > 0)) throw UserError(joined("alpha ", alpha, "; it must be above 0"));
  Net& net = call.net;
  const int elu = apply(net, net.scaled(value.node, false, 1 / alpha, 0), {Function::elu, 1});
  return {call.as(0, net.scaled(elu, false, alpha, 0))};
}

/// x / (1 + |x|).
std::vector<Value> softsign(const Call& call) {
  Net& net = call.net;
  const int x = call.feature(0).node, size = apply(net, x, {Function::abs});
  return {call.as(0, net.append(Op::div, {x, net.scaled(size, false, 1, 1)}))};
}

/// x tanh(softplus(x)) (Misra 2019).
std::vector<Value> mish(const Call& call) {
  Net& net = call.net;
  const int x = call.feature(0).node;
  const int gate = apply(net, apply(net, x, {Function::softplus}), {Function::tanh});
  return {call.as(0, net.append(Op::mul, {x, gate}))};
}

/// The feature as it is. In training mode it would be another one each time, by chance.
std::vector<Value> dropout(const Call& call) {
  const auto given = [&](size_t i, float otherwise) {
    return call.has(i) ? number_of(call.constant(i)) : otherwise;
  };
  if (given(2, 0) != 0 && given(1, 0.5f) != 0)
    throw UserError("training mode, whose result is drawn by chance; export the net for inference");
  return {call.feature(0)};
}

std::vector<Value> same(const Call& call) {
  if (call.node.op == "Cast") {
    const int64_t type = integer(call.node, "to", 1);
    if (type != 1 && type != 10 && type != 11 && type != 16)
      throw UserError("a feature cast to whole numbers");
  }
  return {call.feature(0)};
}

/// Of a feature or a constant.
std::vector<Value> shape(const Call& call) {
  const Value& of = call.inputs.at(0);
  const std::vector<int64_t>& all = of.constant ? of.constant->dims : call.feature(0).dims;
  const auto rank = static_cast<int64_t>(all.size());
  const auto bound = [&](const char* name, int64_t otherwise) {
    const int64_t at = integer(call.node, name, otherwise);
    return std::clamp(at < 0 ? at + rank : at, int64_t{0}, rank);
  };
  const int64_t start = bound("start", 0), end = std::max(start, bound("end", rank));
  auto dims = std::make_shared<Constant>();
  dims->whole = true;
  dims->integers.assign(all.begin() + start, all.begin() + end);
  dims->dims = {end - start};
  Value value;
  value.constant = dims;
  return {value};
}

}  // namespace

void add_cell_rules(std::map<std::string, Rule>& rules) {
  rules["Relu"] = relu;
  rules["Clip"] = clip;
  for (const FunctionOp& op : functions) rules[op.name] = function;
  rules["PRelu"] = prelu;
  rules["Mish"] = mish;
  rules["Celu"] = celu;
  rules["Softsign"] = softsign;
  rules["Selu"] = selu;
  rules["Dropout"] = dropout;
  rules["Identity"] = rules["Cast"] = same;
  rules["Shape"] = shape;
}

}  // namespace hdecomp::onnx
