/// Layouts turned, biases that may lack, batch norms folded.
#include "weights/import/layers.h"

#include <algorithm>

#include "hdecomp/error.h"
#include "weights/file/finite.h"
#include "weights/import/foreign_names.h"
#include "weights/keras/keras_layout.h"
#include "weights/model/fold.h"

namespace hdecomp {
namespace {

Tensor take_weight(TensorSource& source, const std::string& name, const Graph& graph, int index,
                   Dialect dialect) {
  const std::vector<int64_t> wanted = weight_dims(graph, index);
  if (dialect == Dialect::torchvision) return source.take(name, Shape(wanted));
  const Tensor foreign = source.take(name, Shape(native_to_keras_dims(wanted)));
  const Node& node = graph.nodes[index];
  if (node.op == Op::linear) return native_dense(foreign, graph.shapes[node.inputs[0]]);
  return native_kernel(foreign);
}

/// Zeros where the layer may do without: before a batch norm, and where the user trained it so.
Tensor take_bias(TensorSource& source, const std::string& name, const Node& node,
                 const Assumptions& assumed) {
  const bool may_lack =
      !node.torchvision_bn.empty() || node.op == Op::linear || !assumed.convs_biased;
  if (source.has(name) || !may_lack) return source.take(name, {node.out_channels});
  if (node.op == Op::linear) assumed.said.push_back(joined("no bias in layer ", node.name));
  Tensor bias(Device{}, {node.out_channels});
  std::ranges::fill(bias.span(), 0.0f);
  return bias;
}

void fold(LayerWeights& layer, TensorSource& source, const BatchNormNames& names, double usual,
          const std::string& weight) {
  const double epsilon = source.epsilon(owner_of(names.gamma), usual);
  const Shape channels{layer.weight.shape()[0]};
  const Tensor gamma = source.take(names.gamma, channels);
  const Tensor beta = source.take(names.beta, channels);
  const Tensor mean = source.take(names.mean, channels);
  const Tensor variance = source.take_variance(names.variance, channels);
  fold_batch_norm(layer, {gamma, beta, mean, variance, epsilon});
  if (first_not_finite(layer.weight.span()) >= 0 || first_not_finite(layer.bias.span()) >= 0) {
    source.refuse(joined("tensor ", source.in_file(weight), " times ", source.in_file(names.gamma),
                         " is beyond float32; the batch norm cannot be folded in"));
  }
}

/// Node::may_be_absent: output channel k is the input's k - before, or zero.
LayerWeights selection(const Graph& graph, int index) {
  LayerWeights layer{Tensor(Device{}, Shape(weight_dims(graph, index))),
                     Tensor(Device{}, {graph.nodes[index].out_channels})};
  std::ranges::fill(layer.weight.span(), 0.0f);
  std::ranges::fill(layer.bias.span(), 0.0f);
  const int64_t out = layer.weight.shape()[0], in = layer.weight.shape()[1];
  const int64_t before = std::max<int64_t>(out - in, 0) / 2;
  for (int64_t i = 0; i < in && before + i < out; ++i) {
    layer.weight.data()[(before + i) * in + i] = 1;
  }
  return layer;
}

}  // namespace

LayerWeights take_layer(TensorSource& source, const Graph& graph, int index,
                        const Assumptions& assumed) {
  const Node& node = graph.nodes[index];
  if (node.may_be_absent && assumed.some_absent) return selection(graph, index);
  const ForeignNames names = foreign_names(node, assumed.dialect);
  LayerWeights layer;
  if (node.op == Op::affine) {  // a batch norm that stands alone
    const Shape channels(weight_dims(graph, index));
    layer.weight = Tensor(Device{}, channels), layer.bias = Tensor(Device{}, channels);
    std::ranges::fill(layer.weight.span(), 1.0f);
    std::ranges::fill(layer.bias.span(), 0.0f);
    fold(layer, source, names.batch_norm.value(), assumed.epsilon, names.weight);
    return layer;
  }
  layer.weight = take_weight(source, names.weight, graph, index, assumed.dialect);
  layer.bias = take_bias(source, names.bias, node, assumed);
  if (names.batch_norm) fold(layer, source, *names.batch_norm, assumed.epsilon, names.weight);
  return layer;
}

bool any_conv_bias(const Graph& graph, Dialect dialect, const TensorSource& source) {
  return std::ranges::any_of(graph.nodes, [&](const Node& node) {
    return node.op == Op::conv && source.has(foreign_names(node, dialect).bias);
  });
}

/// Whether the file has none of the layers that may be absent, where there are some.
bool lacks_absent_layers(const Graph& graph, Dialect dialect, const TensorSource& source) {
  size_t there = 0, count = 0;
  for (const Node& node : graph.nodes) {
    if (!node.may_be_absent) continue;
    const ForeignNames names = foreign_names(node, dialect);
    ++count;
    if (source.has(names.weight) || source.has(names.batch_norm->gamma)) ++there;
  }
  return count > 0 && there == 0;
}

}  // namespace hdecomp
