/// Layers of several inputs, and operators written as such.
#include <algorithm>

#include "hdecomp/error.h"
#include "weights/keras_graph/layer_rules.h"

namespace hdecomp::keras_graph {
namespace {

/// One may have one channel, or one cell, where the other has more.
Feature joined_pair(general::Net& net, const Feature& a, const Feature& b, Op op) {
  if (a.dims.size() != b.dims.size()) throw UserError("its inputs have unequal dimensions");
  Feature result = a;
  for (size_t i = 0; i < a.dims.size(); ++i) {
    if (a.dims[i] != b.dims[i] && a.dims[i] != 1 && b.dims[i] != 1) {
      throw UserError("its inputs have unequal dimensions");
    }
    result.dims[i] = std::max(a.dims[i], b.dims[i]);
  }
  result.node = net.append(op, {a.node, b.node});
  result.sole = true;
  return result;
}

Feature folded_over(const Site& site, Op op) {
  if (site.inputs.empty()) throw UserError("it has no inputs");
  Feature total = site.inputs[0];
  for (size_t i = 1; i < site.inputs.size(); ++i) {
    total = joined_pair(site.net, total, site.inputs[i], op);
  }
  return total;
}

/// With a number: y = scale x + shift.
Feature with_number(const Site& site, Op op) {
  const double number = site.call.numbers.at(0);
  double scale = 1, shift = 0;
  if (op == Op::add) shift = number;
  if (op == Op::mul) scale = number;
  if (op == Op::sub) {
    scale = site.call.number_first ? -1 : 1;
    shift = site.call.number_first ? number : -number;
  }
  if (op == Op::div) {
    if (site.call.number_first) throw UserError("a number divided by a feature");
    scale = 1 / number;
  }
  return scaled(site.net, site.inputs[0], {scale}, {shift});
}

Feature join(const Site& site, Op op) {
  if (site.inputs.size() == 1 && site.call.numbers.size() == 1) return with_number(site, op);
  if ((op == Op::sub || op == Op::div) && site.inputs.size() != 2) {
    throw UserError("it has other than two inputs");
  }
  return folded_over(site, op);
}

Feature add(const Site& site) { return join(site, Op::add); }
Feature subtract(const Site& site) { return join(site, Op::sub); }
Feature multiply(const Site& site) { return join(site, Op::mul); }
Feature divide(const Site& site) { return join(site, Op::div); }

Feature maximum(const Site& site) { return folded_over(site, Op::max); }

Feature average(const Site& site) {
  return scaled(site.net, folded_over(site, Op::add),
                {1.0 / static_cast<double>(site.inputs.size())}, {0});
}

Feature concatenate(const Site& site) {
  if (site.inputs.empty()) throw UserError("it has no inputs");
  Feature result = site.inputs[0];
  site.settings.require_last_axis("axis", result.dims.size());
  std::vector<int> nodes;
  int64_t channels = 0;
  for (const Feature& each : site.inputs) {
    const FeatureShape& map = site.net.shape(each.node);
    if (each.dims.size() != result.dims.size() || each.dims.back() != map.channels) {
      throw UserError("its inputs are not maps all, nor lists of channels all");
    }
    nodes.push_back(each.node);
    channels += map.channels;
  }
  result.node = site.net.append(Op::concat, nodes);
  result.sole = true;
  result.dims.back() = channels;
  return result;
}

/// TensorFlow's operators, which Keras 2 keeps as layers of their own.
Feature tensorflow_op(const Site& site) {
  const std::string function = site.settings.text("function", "");
  const std::string name = function.substr(function.rfind('.') + 1);  // npos + 1 is 0
  if (name == "add" || name == "__add__") return add(site);
  if (name == "subtract" || name == "sub") return subtract(site);
  if (name == "multiply" || name == "mul") return multiply(site);
  if (name == "truediv" || name == "divide") return divide(site);
  if (name == "relu" || name == "relu6")
    return apply_named(site.net, site.only(), name, site.keras3);
  throw UserError(joined("its function is ", function.substr(0, 100),
                         "; add, subtract, multiply, truediv, relu and relu6 are supported"));
}

}  // namespace

void add_join_rules(std::map<std::string, LayerRule>& rules) {
  rules["Add"] = add;
  rules["Subtract"] = subtract;
  rules["Multiply"] = multiply;
  rules["TrueDivide"] = rules["Divide"] = divide;
  rules["Average"] = average;
  rules["Maximum"] = maximum;
  rules["Concatenate"] = concatenate;
  rules["TFOpLambda"] = tensorflow_op;
}

}  // namespace hdecomp::keras_graph
