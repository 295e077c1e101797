/// Functions of single numbers, and normalisations.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <string_view>

#include "hdecomp/error.h"
#include "weights/general/channel_scale.h"
#include "weights/onnx/attributes.h"
#include "weights/onnx/translate.h"

namespace hdecomp::onnx {
namespace {

std::vector<Value> apply(const Call& call, ScalarFunction function) {
  Node node;
  node.op = Op::activation;
  node.function = function;
  const Value& value = call.feature(0);
  return {call.as(0, call.net.append(node, {value.node}))};
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
  return apply(call, {Function::clip, low, high});
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
  return apply(call, f);
}

/// `values` for each of the channels of the call's first input.
std::vector<float> per_channel(const Call& call, const Constant& values) {
  const int64_t count = call.net.shape(call.feature(0).node).channels;
  if (values.whole) throw UserError("whole numbers where real ones are needed");
  if (values.elements() == 1) return std::vector<float>(count, values.reals[0]);
  if (values.elements() != count)
    throw UserError(joined(values.elements(), " numbers for ", count, " channels"));
  return values.reals;
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
  return {call.as(0, call.net.append(node, {as_map(call.feature(0))}))};
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

std::vector<Value> same(const Call& call) {
  if (call.node.op == "Cast") {
    const int64_t type = integer(call.node, "to", 1);
    if (type != 1 && type != 10 && type != 11 && type != 16)
      throw UserError("a feature cast to whole numbers");
  }
  return {call.feature(0)};
}

/// Of a feature's dims, which are known.
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
  rules["BatchNormalization"] = batch_norm;
  rules["LRN"] = lrn;
  rules["LayerNormalization"] = layer_norm;
  rules["Identity"] = rules["Dropout"] = rules["Cast"] = same;
  rules["Shape"] = shape;
}

}  // namespace hdecomp::onnx
