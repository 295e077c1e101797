/// The larger or the smaller of features, and choices by a constant condition.
#include <limits>

#include "hdecomp/error.h"
#include "weights/onnx/lowered.h"

namespace hdecomp::onnx {
namespace {

Value put_together(Net& net, const Value& a, const Value& b, Op op) {
  Value result = seen_together(net, a, b);
  result.node = net.append(op, {a.node, b.node});
  return result;
}

Value minus(Net& net, const Value& value) {
  Value result = value;
  result.node = negated(net, value.node, false);
  return result;
}

/// Max and Min of features, the smaller as the larger of their negatives; with one number a clip.
std::vector<Value> larger(const Call& call) {
  Net& net = call.net;
  constexpr float infinity = std::numeric_limits<float>::infinity();
  const bool smaller = call.node.op == "Min";
  std::optional<Value> all;
  for (const Value& each : call.inputs) {
    if (each.constant) continue;
    const Value own = smaller ? minus(net, each) : each;
    all = all ? put_together(net, *all, own, Op::max) : own;
  }
  if (!all) throw UserError("of constants alone");
  if (smaller) all = minus(net, *all);
  if (call.inputs.size() == 1) return {call.feature(0)};
  for (const Value& each : call.inputs) {
    if (!each.constant) continue;
    const float bound = number_of(*each.constant);
    if (!smaller && bound == 0)
      all->node = net.activated(all->node, false, Activation::relu);
    else
      all->node = apply(net, all->node,
                        smaller ? ScalarFunction{Function::clip, -infinity, bound}
                                : ScalarFunction{Function::clip, bound, infinity});
  }
  return {*all};
}

/// By a constant condition: a feature or a constant where it holds, else another.
std::vector<Value> where(const Call& call) {
  Net& net = call.net;
  const Constant& condition = call.constant(0);
  if (!condition.whole) throw UserError("a condition that is no truth");
  std::optional<Value> all;
  for (const size_t i : {1u, 2u}) {  // each with zeros where it is not chosen, both added up
    if (i >= call.inputs.size()) throw UserError("three inputs are needed");
    if (call.inputs[i].node < 0) continue;
    const Value& own = call.feature(i);
    Constant mask;
    mask.dims = condition.dims;
    for (const int64_t holds : condition.integers) mask.reals.push_back((holds != 0) == (i == 1));
    std::vector<float> scale = numbers_of_elements(net, own, mask, net.budget());
    std::vector<float> shift(scale.size(), 0);
    if (const ConstantPtr& other = call.inputs[3 - i].constant) {
      shift = numbers_of_elements(net, own, *other, net.budget());
      for (size_t k = 0; k < shift.size(); ++k) shift[k] = scale[k] != 0 ? 0 : shift[k];
    }
    Value part = own;
    part.node = scaled_map(net, own.node, std::move(scale), std::move(shift));
    all = all ? put_together(net, *all, part, Op::add) : part;
  }
  if (!all) throw UserError("of constants alone");
  return {*all};
}

}  // namespace

void add_choice_rules(std::map<std::string, Rule>& rules) {
  rules["Max"] = rules["Min"] = larger;
  rules["Where"] = where;
}

}  // namespace hdecomp::onnx
