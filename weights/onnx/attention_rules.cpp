/// A softmax inside of the network, the weighted sums over the map that it is for, and Einstein's
/// sums with constants.
#include <algorithm>

#include "hdecomp/error.h"
#include "weights/onnx/attributes.h"
#include "weights/onnx/lowered.h"

namespace hdecomp::onnx {
namespace {

std::vector<Value> softmax_rule(const Call& call) {
  Net& net = call.net;
  const Value& value = call.feature(0);
  const size_t axis =
      axis_of(integer(call.node, "axis", call.opset < 13 ? 1 : -1), value.dims.size());
  if (axis == 0) throw UserError("over the batch");
  for (size_t i = axis + 1; call.opset < 13 && i < value.dims.size(); ++i) {
    if (value.dims[i] != 1)  // over all axes behind it, too
      throw UserError("over several axes; give it one, or an opset of 13 or more");
  }
  const std::optional<Sides> sides = sides_of(net, value, axis);
  const std::optional<ChannelCut> cut = channel_cut(net, value, axis);
  if (!sides && !cut) throw UserError("over a part of the map");
  if (sides && *sides == 0) throw UserError("of single numbers");
  const int result = sides ? softmax(net, value.node, *sides) : softmax(net, value.node, *cut);
  if (call.node.op != "LogSoftmax") return {call.as(0, result)};
  return {call.as(0, apply(net, result, {Function::log}))};
}

/// The letters of one operand's axes, and the result's.
struct Equation {
  std::string first, second, result;
};

Equation equation_of(const std::string& text) {
  std::string plain;
  std::ranges::copy_if(text, std::back_inserter(plain), [](char c) { return c != ' '; });
  const size_t comma = plain.find(','), arrow = plain.find("->");
  if (comma == std::string::npos || arrow == std::string::npos || comma > arrow ||
      plain.find('.') != std::string::npos)
    throw UserError("an equation of other than two factors and their result");
  return {plain.substr(0, comma), plain.substr(comma + 1, arrow - comma - 1),
          plain.substr(arrow + 2)};
}

/// Of a feature and a constant of two axes, one of them its channels: a product over the channels
/// of every cell.
std::vector<Value> einsum(const Call& call) {
  Net& net = call.net;
  Equation sum = equation_of(text(call.node, "equation", ""));
  if (call.inputs.size() != 2) throw UserError("of other than two factors");
  const bool turned = call.inputs[0].constant != nullptr;
  if (turned) std::swap(sum.first, sum.second);
  const Value& value = call.feature(turned ? 1 : 0);
  const Constant& weight = call.constant(turned ? 0 : 1);
  const size_t axis = channel_axis(net, value);
  if (sum.first.size() != value.dims.size() || sum.second.size() != 2 || weight.dims.size() != 2 ||
      weight.whole)
    throw UserError("of other than a feature and a matrix");
  const size_t own = sum.second.find(sum.first[axis]);
  std::string wanted = sum.first;
  if (own != std::string::npos) wanted[axis] = sum.second[1 - own];
  if (own == std::string::npos || sum.first.find(sum.second[1 - own]) != std::string::npos ||
      wanted != sum.result)
    throw UserError("of other than the channels of every cell with a matrix");
  const Constant rows = own == 1 ? weight : transposed(weight, {1, 0});
  Node node;
  node.op = Op::conv;
  node.out_channels = rows.dims[0];
  if (rows.dims[1] != net.shape(value.node).channels)
    throw UserError("a matrix that does not fit the channels");
  Value result = value;
  result.node = net.append(node, {value.node}, rows.reals, {});
  result.dims[axis] = node.out_channels;
  return {result};
}

}  // namespace

std::optional<Value> weighted_sum(Net& net, const Value& a, const Value& b) {
  const size_t rank = a.dims.size();
  if (rank < 3 || b.dims.size() != rank || b.dims[rank - 1] != 1) return std::nullopt;
  const FeatureShape &of = net.shape(a.node), &by = net.shape(b.node);
  const Sides map = set_of(Side::height) | set_of(Side::width);
  const bool whole = by.channels == 1 && of.height == by.height && of.width == by.width &&
                     a.dims[rank - 1] == of.height * of.width &&
                     b.dims[rank - 2] == a.dims[rank - 1] && a.dims[rank - 2] == of.channels &&
                     a.layout == Layout::map && sides_of(net, a, rank - 1) == map;
  if (!whole) return std::nullopt;
  Value result = a;
  result.node = reduced(net, net.append(Op::mul, {a.node, b.node}), map, Reduction::sum);
  result.dims[rank - 1] = 1;
  return result;
}

void add_attention_rules(std::map<std::string, Rule>& rules) {
  rules["Softmax"] = rules["LogSoftmax"] = softmax_rule;
  rules["Einsum"] = einsum;
}

}  // namespace hdecomp::onnx
