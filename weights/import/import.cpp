/// Turns the named tensors of a foreign file into a model: architecture, names, extents, folding.
#include "weights/import/import.h"

#include <algorithm>
#include <set>

#include "hdecomp/error.h"
#include "nets/nearest.h"
#include "weights/file/class_names.h"
#include "weights/file/in_quotes.h"
#include "weights/file/sha256.h"
#include "weights/import/tensor_formats.h"
#include "weights/keras/keras_layout.h"
#include "weights/model/fold.h"
#include "weights/model/model_format.h"

namespace hdecomp {
namespace {

/// Where a node's tensors are in a foreign file.
struct ForeignNames {
  std::string weight, bias;
  std::optional<BatchNormNames> batch_norm;
};

ForeignNames foreign_names(const Node& node, Dialect dialect) {
  if (dialect == Dialect::keras) {
    const std::string layer = node.keras.empty() ? "" : node.keras[0];
    ForeignNames names{layer + "/kernel", layer + "/bias", {}};
    if (!node.keras_bn.empty()) {
      const std::string& bn = node.keras_bn;
      names.batch_norm = {bn + "/gamma", bn + "/beta", bn + "/moving_mean",
                          bn + "/moving_variance"};
    }
    return names;
  }
  const std::string layer = node.torchvision.empty() ? "" : node.torchvision[0];
  ForeignNames names{layer + ".weight", layer + ".bias", {}};
  if (!node.torchvision_bn.empty()) {
    const std::string& bn = node.torchvision_bn;
    names.batch_norm = {bn + ".weight", bn + ".bias", bn + ".running_mean", bn + ".running_var"};
  }
  return names;
}

/// How well an architecture explains a file's tensor names: those in both over those in either.
double likeness(const std::string& arch, const TensorFile& file) {
  const Graph graph = build_graph(default_params(arch));
  std::set<std::string> expected;
  for (const Node& node : graph.nodes) {
    if (!has_weights(node)) continue;
    const ForeignNames names = foreign_names(node, file.dialect);
    expected.insert(names.weight);
    if (file.tensors.contains(names.bias)) expected.insert(names.bias);
    if (const auto& bn = names.batch_norm) {
      expected.insert({bn->gamma, bn->beta, bn->mean, bn->variance});
    }
  }
  const auto common = std::ranges::count_if(
      expected, [&](const std::string& name) { return file.tensors.contains(name); });
  return static_cast<double>(common) /
         static_cast<double>(expected.size() + file.tensors.size() - common);
}

/// The architecture whose tensor names are nearest to the file's.
std::string recognise(const TensorFile& file, const std::string& path) {
  std::string best;
  double best_likeness = 0.5;  // below this the file is of no architecture that we know
  for (const std::string& arch : arch_names()) {
    const double found = likeness(arch, file);
    if (found > best_likeness) {
      best = arch;
      best_likeness = found;
    }
  }
  if (best.empty()) {
    std::string known;
    for (const std::string& arch : arch_names()) known += (known.empty() ? "" : ", ") + arch;
    throw UserError(
        text(path, ": its tensor names fit no known architecture; give --arch, one of ", known));
  }
  return best;
}

/// Takes tensors out of the file one by one, so that what is left over in the end is extra.
class TensorSource {
 public:
  TensorSource(TensorFile& file, std::string path) : file_(file), path_(std::move(path)) {}

  const Tensor& peek(const std::string& name) const {
    const auto found = file_.tensors.find(name);
    if (found == file_.tensors.end()) {
      throw UserError(text(path_, ": tensor ", name, " is missing"));
    }
    return found->second;
  }
  bool has(const std::string& name) const { return file_.tensors.contains(name); }
  Tensor take(const std::string& name, const Shape& wanted) {
    const auto found = file_.tensors.find(name);
    if (found == file_.tensors.end()) {
      throw UserError(text(path_, ": tensor ", name, " is missing; expected shape ", wanted));
    }
    if (found->second.shape() != wanted) {
      throw UserError(text(path_, ": tensor ", name, " has shape ", found->second.shape(),
                           ", expected ", wanted));
    }
    Tensor tensor = std::move(found->second);
    file_.tensors.erase(found);
    return tensor;
  }
  void require_empty(const std::string& arch) const {
    if (file_.tensors.empty()) return;
    const auto& [name, tensor] = *file_.tensors.begin();
    throw UserError(text(path_, ": tensor ", in_quotes(name), " of shape ", tensor.shape(),
                         " is extra: ", arch, " has no such tensor"));
  }

 private:
  TensorFile& file_;
  std::string path_;
};

NetParams fit_params(const std::string& arch, Dialect dialect, const TensorSource& source) {
  NetParams params = default_params(arch);
  params.stride_in_1x1 = dialect == Dialect::keras;
  const Graph usual = build_graph(params);
  find_family(arch).fit(params, [&](const std::string& layer) {
    const auto node = std::ranges::find(usual.nodes, layer, &Node::name);
    const std::string name = foreign_names(*node, dialect).weight;
    const Shape& shape = source.peek(name).shape();
    const std::vector<int64_t> dims =
        dialect == Dialect::keras ? keras_to_native_dims(shape.dims()) : shape.dims();
    const size_t rank = weight_dims(usual, static_cast<int>(node - usual.nodes.begin())).size();
    if (dims.size() != rank || shape.elements() == 0) {
      throw UserError(text("tensor ", name, " has shape ", shape, ", expected ", rank,
                           " dimensions of at least 1"));
    }
    return dims;
  });
  return params;
}

Tensor take_weight(TensorSource& source, const std::string& name, const Graph& graph, int index,
                   Dialect dialect) {
  const std::vector<int64_t> wanted = weight_dims(graph, index);
  if (dialect == Dialect::torchvision) return source.take(name, Shape(wanted));
  const Tensor foreign = source.take(name, Shape(native_to_keras_dims(wanted)));
  const Node& node = graph.nodes[index];
  if (node.op == Op::linear) {
    return native_dense(foreign, graph.shapes[node.inputs[0]]);
  }
  return native_kernel(foreign, node.inputs[0] == 0);
}

LayerWeights take_layer(TensorSource& source, const Graph& graph, int index, Dialect dialect,
                        double epsilon) {
  const Node& node = graph.nodes[index];
  const ForeignNames names = foreign_names(node, dialect);
  LayerWeights layer;
  layer.weight = take_weight(source, names.weight, graph, index, dialect);
  if (source.has(names.bias) || !names.batch_norm) {
    layer.bias = source.take(names.bias, {node.out_channels});
  } else {
    layer.bias = Tensor(Device{}, {node.out_channels});
    std::ranges::fill(layer.bias.span(), 0.0f);
  }
  if (names.batch_norm) {
    const Shape channels{node.out_channels};
    const Tensor gamma = source.take(names.batch_norm->gamma, channels);
    const Tensor beta = source.take(names.batch_norm->beta, channels);
    const Tensor mean = source.take(names.batch_norm->mean, channels);
    const Tensor variance = source.take(names.batch_norm->variance, channels);
    fold_batch_norm(layer, {gamma, beta, mean, variance, epsilon});
  }
  return layer;
}

}  // namespace

ModelData import_model(const std::string& path, const ImportOptions& options) {
  TensorFile file = read_tensor_file(path);
  const double epsilon = file.dialect == Dialect::keras ? modernise_keras_names(file) : 1e-5;
  const std::string arch = options.arch.empty() ? recognise(file, path) : options.arch;
  TensorSource source(file, path);
  ModelData model;
  model.source = text(path.substr(path.rfind('/') + 1), " sha256:", sha256_of_file(path));
  model.preprocess = options.preprocess.value_or(file.dialect == Dialect::keras ? keras_preprocess()
                                                                                : Preprocess{});
  check_preprocess(model.preprocess, path);
  try {
    model.params = fit_params(arch, file.dialect, source);
    model.params.input_size = model.preprocess.crop;
    model.graph = build_graph(model.params);
  } catch (const UserError& fault) {
    const std::string line = fault.what();
    throw UserError(line.starts_with(path) ? line : path + ": " + line);
  }
  model.layers.resize(model.graph.nodes.size());
  for (int i = 0; i <= model.graph.scores(); ++i) {
    if (!has_weights(model.graph.nodes[i])) continue;
    model.layers[i] = take_layer(source, model.graph, i, file.dialect, epsilon);
  }
  source.require_empty(arch);
  if (!options.classes_file.empty()) {
    ClassNames names = read_class_names(options.classes_file);
    model.classes = std::move(names.names);
    model.wnids = std::move(names.wnids);
    check_class_lists(model, options.classes_file);
  }
  check_weights(model, path);
  return model;
}

}  // namespace hdecomp
