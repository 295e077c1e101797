/// Which op computes what while converting: of shapes, and of weights that are made of others.
#include <algorithm>
#include <set>

#include "hdecomp/error.h"
#include "weights/onnx/attributes.h"
#include "weights/onnx/fold_ops.h"

namespace hdecomp::onnx {
namespace {

std::vector<int64_t> axes_of(const RawNode& node, const Inputs& inputs) {
  if (inputs.size() > 1 && inputs[1]) return inputs[1]->integers;
  return integers(node, "axes");
}

Constant filled(const RawNode& node, const Constant& dims, ConstantSource& source) {
  Constant result;
  result.dims = dims.integers;
  const int64_t count = elements_of(result.dims, "ConstantOfShape");
  source.budget.take(static_cast<uint64_t>(count) * sizeof(int64_t), "ConstantOfShape");
  const auto value = node.attributes.find("value");
  if (value == node.attributes.end()) {
    result.reals.assign(count, 0);
    return result;
  }
  const ConstantPtr one = constant_of(value->second.tensor, source);
  if (one->elements() != 1) throw UserError("ConstantOfShape of more than one value");
  result.whole = one->whole;
  if (one->whole)
    result.integers.assign(count, one->integers[0]);
  else
    result.reals.assign(count, one->reals[0]);
  return result;
}

Constant constant_node(const RawNode& node, ConstantSource& source) {
  if (const auto value = node.attributes.find("value"); value != node.attributes.end()) {
    return *constant_of(value->second.tensor, source);
  }
  Constant result;
  for (const auto& [name, attribute] : node.attributes) {
    result.whole = name == "value_int" || name == "value_ints";
    if (name == "value_int")
      result.integers = {attribute.integer};
    else if (name == "value_float")
      result.reals = {attribute.real};
    else if (name == "value_ints")
      result.integers = attribute.integers;
    else if (name == "value_floats")
      result.reals = attribute.reals;
    else
      continue;
    if (name.ends_with("s")) result.dims = {result.elements()};
    return result;
  }
  throw UserError("a Constant without a value that is read");
}

bool is_arithmetic(const std::string& op) {
  static const std::set<std::string> all{"Add", "Sub", "Mul", "Div", "Pow", "Max", "Min"};
  return all.contains(op);
}

bool is_comparison(const std::string& op) {
  static const std::set<std::string> all{"Equal", "Greater", "Less", "GreaterOrEqual",
                                         "LessOrEqual"};
  return all.contains(op);
}

/// Of the numbers as they are: other extents, others of them, another order.
std::optional<Constant> rearranged(const RawNode& node, const Inputs& inputs,
                                   ConstantSource& source) {
  const std::string& op = node.op;
  const auto in = [&](size_t i) -> const Constant& { return constant_input(inputs, i); };
  if (op == "Gather") return gathered(node, in(0), in(1), source);
  if (op == "Unsqueeze") return unsqueezed(in(0), axes_of(node, inputs));
  if (op == "Squeeze") return squeezed(in(0), axes_of(node, inputs));
  if (op == "Concat") return concatenated(node, inputs);
  if (op == "Reshape") return reshaped(node, in(0), in(1).integers);
  if (op == "Slice") return sliced(node, inputs);
  if (op == "Where") return chosen(in(0), in(1), in(2), source.budget);
  if (op == "Expand")
    return broadcast(in(0), common_dims(in(0).dims, in(1).integers), source.budget);
  if (op != "Transpose") return std::nullopt;
  std::vector<int64_t> order = integers(node, "perm");
  for (size_t i = order.size(); i < in(0).dims.size(); ++i) {
    order.push_back(static_cast<int64_t>(in(0).dims.size() - 1 - i));
  }
  return transposed(in(0), order);
}

/// Of all inputs, of which Max and Min have any number.
Constant arithmetic_of_all(const std::string& op, const Inputs& inputs, SizeBudget& budget) {
  Constant result = arithmetic(op, constant_input(inputs, 0), constant_input(inputs, 1), budget);
  for (size_t i = 2; i < inputs.size(); ++i)
    result = arithmetic(op, result, constant_input(inputs, i), budget);
  return result;
}

Constant negated(Constant data) {
  for (float& value : data.reals) value = -value;
  for (int64_t& value : data.integers) value = static_cast<int64_t>(-static_cast<uint64_t>(value));
  return data;
}

}  // namespace

const Constant& constant_input(const Inputs& inputs, size_t i) {
  if (i >= inputs.size() || !inputs[i]) throw UserError(joined("input ", i, " is missing"));
  return *inputs[i];
}

ConstantPtr folded(const RawNode& node, const Inputs& inputs, ConstantSource& source) {
  const std::string& op = node.op;
  const auto in = [&](size_t i) -> const Constant& { return constant_input(inputs, i); };
  const auto made = [](Constant result) {
    return std::make_shared<const Constant>(std::move(result));
  };
  if (op == "Constant") return made(constant_node(node, source));
  if (inputs.empty() || !inputs[0]) return nullptr;
  if (op == "ConstantOfShape") return made(filled(node, in(0), source));
  for (const ConstantPtr& each : inputs) {
    if (each) source.budget.take(static_cast<uint64_t>(each->elements()) * sizeof(float), op);
  }
  if (op == "Identity") return inputs[0];
  if (std::optional<Constant> result = rearranged(node, inputs, source))
    return made(std::move(*result));
  if (op == "Cast") return made(cast(node, in(0)));
  if (op == "DequantizeLinear") return made(dequantized(node, inputs));
  if (is_arithmetic(op)) return made(arithmetic_of_all(op, inputs, source.budget));
  if (is_comparison(op)) return made(compared(op, in(0), in(1), source.budget));
  if (op == "Range") return made(ranged(inputs, source.budget));
  if (op == "Clip") return made(clipped_constant(node, inputs));
  if (op == "BatchNormalization") return made(normalised_constant(node, inputs));
  if (op.starts_with("Reduce")) return made(reduced_constant(node, in(0), axes_of(node, inputs)));
  if (op == "Neg") return made(negated(in(0)));
  if (const auto function = function_of_constants(op)) {
    Constant result = in(0);
    std::ranges::transform(result.reals, result.reals.begin(), *function);
    return made(std::move(result));
  }
  return nullptr;
}

}  // namespace hdecomp::onnx
