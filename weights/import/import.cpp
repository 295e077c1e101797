/// Turns the named tensors of a foreign file into a model: architecture, names, extents, folding.
#include "weights/import/import.h"

#include <algorithm>

#include "hdecomp/error.h"
#include "weights/file/file_bytes.h"
#include "weights/file/finite.h"
#include "weights/file/half.h"
#include "weights/import/first_layer.h"
#include "weights/import/foreign_names.h"
#include "weights/import/heads.h"
#include "weights/import/import_onnx.h"
#include "weights/import/input_rule.h"
#include "weights/import/labels.h"
#include "weights/import/parametrised.h"
#include "weights/import/tensor_formats.h"
#include "weights/import/tensor_source.h"
#include "weights/import/torch_names.h"
#include "weights/keras/keras_layout.h"
#include "weights/model/fold.h"
#include "weights/model/model_format.h"
#include "weights/onnx/network.h"

namespace hdecomp {
namespace {

/// What of a network the names do not say; see the members' use.
struct Assumptions {
  Dialect dialect = Dialect::torchvision;
  double epsilon = 1e-5;      // of batch norms
  bool convs_biased = false;  // whether convolutions without batch norm have biases
  bool some_absent = false;   // whether the layers that may be absent are
  std::vector<std::string>& said;
};

/// Reads widths, units and classes off the tensors; the number of hidden units is set already.
void fit_params(NetParams& params, Dialect dialect, const TensorSource& source) {
  const Graph usual = build_graph(params);
  find_family(params.arch).fit(params, [&](const std::string& layer) {
    const auto node = std::ranges::find(usual.nodes, layer, &Node::name);
    const std::string name = foreign_names(*node, dialect).weight;
    const Shape& shape = source.peek(name).shape();
    const std::vector<int64_t> dims =
        dialect == Dialect::keras ? keras_to_native_dims(shape.dims()) : shape.dims();
    const size_t rank = weight_dims(usual, static_cast<int>(node - usual.nodes.begin())).size();
    if (dims.size() != rank || shape.elements() == 0) {
      source.refuse(joined("tensor ", source.in_file(name), " has shape ", shape, ", expected ",
                           rank, " dimensions of at least 1"));
    }
    return dims;
  });
}

Graph fitted_graph(NetParams& params, Dialect dialect, const TensorSource& source) {
  fit_params(params, dialect, source);
  try {
    return build_graph(params);
  } catch (const UserError& fault) {
    source.refuse(fault.what());
  }
}

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

/// What shapes cannot tell, for the user to check.
void say_what_shapes_cannot_tell(const ModelData& model, double epsilon, bool some_absent,
                                 std::vector<std::string>& said) {
  const auto has = [&](auto&& test) { return std::ranges::any_of(model.graph.nodes, test); };
  if (has([](const Node& node) { return node.name == "layer1.0.conv3"; })) {
    said.push_back(model.params.stride_in_1x1
                       ? "bottlenecks stride in their first 1x1 convolution, as Caffe's and "
                         "Keras's do (--stride-in-3x3: as torchvision's)"
                       : "bottlenecks stride in their 3x3 convolution, as torchvision's do "
                         "(--stride-in-1x1: as Caffe's)");
  }
  if (has([](const Node& node) { return !node.torchvision_bn.empty(); })) {
    said.push_back(joined("batch norms have an epsilon of ", epsilon));
  }
  if (some_absent) {
    said.push_back(
        "shortcuts without weights take every second pixel, with half of the zero channels before "
        "and half after");
  }
  if (model.params.arch == "alexnet") {
    said.push_back("convolutions stride and pad as torchvision's AlexNet, without normalisation");
  }
  const auto pool = std::ranges::find(model.graph.nodes, "avgpool", &Node::name);
  const FeatureShape map =
      pool == model.graph.nodes.end() ? FeatureShape{} : model.graph.shapes[pool->inputs[0]];
  const int64_t size = pool == model.graph.nodes.end() ? 0 : pool->pool_size;
  if (!model.params.hidden_units.empty() && map.height != size) {
    said.push_back(joined("the last map of ", map.height, " x ", map.width, " is averaged to ",
                          size, " x ", size));
  }
}

/// GoogLeNet's and Inception's classifiers in the middle, which take part in training alone.
void drop_auxiliary_heads(TensorFile& file) {
  const auto dropped = std::erase_if(file.tensors, [](const auto& tensor) {
    return tensor.first.starts_with("aux1.") || tensor.first.starts_with("aux2.") ||
           tensor.first.starts_with("AuxLogits.");
  });
  if (dropped > 0) file.remarks.push_back("without its auxiliary classifiers");
}

ModelData import_foreign(const std::string& path, const ConvertOptions& options) {
  TensorFile file = read_tensor_file(path, options.key);
  const bool keras = file.dialect == Dialect::keras;
  if (!keras) use_torchvision_names(file, path);
  if (!keras) compute_weights(file, path);
  if (!keras) drop_auxiliary_heads(file);
  if (keras) name_by_order(file, path);
  const double of_keras = keras ? modernise_keras_names(file, path) : 0;
  const Recognised taken = recognise(file, options.arch, path);
  const double epsilon = keras ? of_keras : find_family(taken.arch).batch_norm_epsilon;
  const std::string lead = path + ": " + taken.why;

  ModelData model;
  model.params = default_params(taken.arch);
  model.params.stride_in_1x1 = options.stride_in_1x1.value_or(keras);
  name_head(file, model.params, lead);
  InputStatement said = options.input;
  const bool grey = widen_grey(file, model.params);
  if (grey) said.channel_order = ChannelOrder::rgb;
  InputRule input = input_rule(file.dialect, said, model.params.input_size, grey, path);
  model.preprocess = input.rule;
  model.conversion = std::move(input.notes);
  std::vector<std::string>& assumed = model.conversion.assumed;
  assumed = file.remarks;
  if (grey) assumed.emplace_back(said_of_grey);

  TensorSource source(file, lead);
  model.source = source_of(path);
  model.params.input_size = model.preprocess.crop;
  model.graph = fitted_graph(model.params, file.dialect, source);
  model.layers.resize(model.graph.nodes.size());
  const bool some_absent = lacks_absent_layers(model.graph, file.dialect, source);
  const Assumptions assumptions{file.dialect, epsilon,
                                any_conv_bias(model.graph, file.dialect, source), some_absent,
                                assumed};
  for (int i = 0; i <= model.graph.scores(); ++i) {
    if (!has_weights(model.graph.nodes[i])) continue;
    model.layers[i] = take_layer(source, model.graph, i, assumptions);
  }
  source.require_empty(model.params.arch);
  if (model.conversion.channel_order == ChannelOrder::bgr) swap_red_and_blue(model);
  say_what_shapes_cannot_tell(model, epsilon, some_absent, assumed);
  read_classes(model, options.classes_file);
  check_weights(model, path);
  return model;
}

/// Weights beyond the range of 16 bits have no place there.
void round_to_halves(ModelData& model, const std::string& path) {
  for (size_t i = 0; i < model.layers.size(); ++i) {
    for (Tensor* tensor : {&model.layers[i].weight, &model.layers[i].bias}) {
      if (tensor->data() == nullptr) continue;
      for (float& value : tensor->span()) value = float_of_half(half_of(value));
      if (first_not_finite(tensor->span()) >= 0) {
        throw UserError(joined("--weights-16: ", path, ": layer ", model.graph.nodes[i].name,
                               " has a weight beyond 65504"));
      }
    }
  }
  model.weights_16 = true;
}

bool is_onnx(const std::string& path) {
  const FileBytes file(path);
  return !is_tensor_file(file.bytes()) &&
         (onnx::looks_like_onnx(file.bytes()) || path.ends_with(".onnx"));
}

}  // namespace

ModelData import_model(const std::string& path, const ConvertOptions& options) {
  const bool onnx = is_onnx(path);
  if (!onnx && !options.stages.empty()) {
    throw UserError(
        "--stages: a known architecture has stages of its own; only an ONNX file's are chosen");
  }
  ModelData model = onnx ? import_onnx(path, options) : import_foreign(path, options);
  if (options.weights_16) round_to_halves(model, path);
  return model;
}

}  // namespace hdecomp
