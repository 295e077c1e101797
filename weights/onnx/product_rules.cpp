/// Products with weights that have no kernel: of flat features, or at each cell.
#include "hdecomp/error.h"
#include "weights/onnx/attributes.h"
#include "weights/onnx/lowered.h"
#include "weights/onnx/translate.h"
#include "weights/onnx/views.h"

namespace hdecomp::onnx {
namespace {

/// `weight` is (units, inputs); its columns are put into the order (c, h, w).
std::vector<Value> linear(const Call& call, const Constant& weight,
                          const std::vector<float>& bias) {
  Net& net = call.net;
  const Value& value = call.feature(0);
  const FeatureShape in = net.shape(value.node);
  if (value.dims.size() != 2 || weight.dims.size() != 2)
    throw UserError("a product with other than a flat feature");
  Node node;
  node.op = Op::linear;
  node.out_channels = weight.dims[0];
  std::vector<float> values = weight.reals;
  const int64_t cells = in.height * in.width, row = in.elements();
  if (value.layout == Layout::last && cells > 1) {
    if (weight.dims[1] != row) throw UserError("a weight that does not fit its input");
    for (int64_t i = 0; i < weight.elements(); ++i) {
      const int64_t at = i % row, channel = at / cells, cell = at % cells;
      values[i] = weight.reals[i - at + cell * in.channels + channel];
    }
  }
  Value result;
  result.node = net.append(node, {value.node}, std::move(values), bias);
  result.dims = {value.dims[0], weight.dims[0]};
  return {result};
}

std::vector<Value> gemm(const Call& call) {
  if (integer(call.node, "transA", 0) != 0) throw UserError("transA");
  Constant weight = call.constant(1);
  if (weight.whole || weight.dims.size() != 2)
    throw UserError("a weight that is not of 2 dimensions");
  if (integer(call.node, "transB", 0) == 0) weight = transposed(weight, {1, 0});
  const float alpha = real(call.node, "alpha", 1), beta = real(call.node, "beta", 1);
  for (float& number : weight.reals) number *= alpha;
  std::vector<float> bias;
  if (call.has(2)) {
    bias = call.constant(2).reals;
    if (bias.size() == 1) bias.assign(static_cast<size_t>(weight.dims[0]), bias[0]);
    for (float& number : bias) number *= beta;
  }
  return linear(call, weight, bias);
}

/// With a constant on the right: a linear layer, or over the channels of every cell a convolution.
std::vector<Value> matmul(const Call& call) {
  const Value& value = call.feature(0);
  if (call.inputs.size() == 2 && call.inputs[1].node >= 0) {
    if (const auto sum = weighted_sum(call.net, value, call.feature(1))) return {*sum};
    throw UserError(
        "a product of two features, other than of channels with one weight for each cell");
  }
  const Constant& right = call.constant(1);
  if (right.whole || right.dims.size() != 2)
    throw UserError("a weight that is not of 2 dimensions");
  const Constant weight = transposed(right, {1, 0});
  if (value.dims.size() == 2) return linear(call, weight, {});
  if (find_channel_axis(call.net, value) != value.dims.size() - 1)
    throw UserError("a product with other than a flat feature or the channels of every cell");
  Node node;
  node.op = Op::conv;
  node.out_channels = weight.dims[0];
  Value result = value;
  result.node = call.net.append(node, {value.node}, weight.reals, {});
  result.dims.back() = weight.dims[0];
  return {result};
}

}  // namespace

void add_product_rules(std::map<std::string, Rule>& rules) {
  rules["Gemm"] = gemm;
  rules["MatMul"] = matmul;
}

}  // namespace hdecomp::onnx
