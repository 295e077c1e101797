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
#include "weights/import/import_keras.h"
#include "weights/import/import_onnx.h"
#include "weights/import/input_rule.h"
#include "weights/import/keras_application.h"
#include "weights/import/labels.h"
#include "weights/import/layers.h"
#include "weights/import/parametrised.h"
#include "weights/import/remarks.h"
#include "weights/import/tensor_formats.h"
#include "weights/import/tensor_source.h"
#include "weights/import/torch_names.h"
#include "weights/import/usual_input.h"
#include "weights/keras/keras_layout.h"
#include "weights/model/graph_text.h"
#include "weights/model/model_format.h"
#include "weights/onnx/network.h"

namespace hdecomp {
namespace {

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

/// GoogLeNet's and Inception's classifiers in the middle, which take part in training alone.
void drop_auxiliary_heads(TensorFile& file) {
  const auto dropped = std::erase_if(file.tensors, [](const auto& tensor) {
    return tensor.first.starts_with("aux1.") || tensor.first.starts_with("aux2.") ||
           tensor.first.starts_with("AuxLogits.");
  });
  if (dropped > 0) file.remarks.push_back("without its auxiliary classifiers");
}

constexpr const char* said_of_scaled_input =
    "trained on pixels from -1 to 1, as torchvision's published weights; if on ImageNet's mean and "
    "deviation: --mean 0.485,0.456,0.406 --std 0.229,0.224,0.225";

/// Names as the families have them. Returns what Keras's file says of batch norms' epsilon.
double name_tensors(TensorFile& file, const std::string& path) {
  if (file.dialect == Dialect::keras) {
    name_by_order(file, path);
    return modernise_keras_names(file, path);
  }
  use_torchvision_names(file, path);
  compute_weights(file, path);
  drop_auxiliary_heads(file);
  return 0;
}

/// The rule for photographs, and what is taken for granted of it.
void take_input_rule(ModelData& model, TensorFile& file, InputStatement said,
                     const std::string& path) {
  const std::string& arch = model.params.arch;
  const bool grey = widen_grey(file, model.params);
  if (grey) said.channel_order = ChannelOrder::rgb;
  const Preprocess usual = usual_input(file.dialect, arch, model.params.input_size);
  InputRule input = input_rule(file.dialect, said, usual, grey, path);
  model.preprocess = input.rule;
  model.conversion = std::move(input.notes);
  std::vector<std::string>& assumed = model.conversion.assumed;
  assumed = file.remarks;
  if (grey) assumed.emplace_back(said_of_grey);
  if (file.dialect != Dialect::keras && scales_its_input(arch) &&
      (said.mean.empty() || said.std.empty())) {
    assumed.emplace_back(said_of_scaled_input);
  }
}

void take_layers(ModelData& model, Dialect dialect, double epsilon, TensorSource& source) {
  std::vector<std::string>& assumed = model.conversion.assumed;
  model.graph = fitted_graph(model.params, dialect, source);
  model.layers.resize(model.graph.nodes.size());
  const bool some_absent = lacks_absent_layers(model.graph, dialect, source);
  const Assumptions assumptions{dialect, epsilon, any_conv_bias(model.graph, dialect, source),
                                some_absent, assumed};
  for (int i = 0; i <= model.graph.scores(); ++i) {
    if (!has_weights(model.graph.nodes[i])) continue;
    model.layers[i] = take_layer(source, model.graph, i, assumptions);
  }
  source.require_empty(model.params.arch);
  if (model.conversion.channel_order == ChannelOrder::bgr) swap_red_and_blue(model);
  say_what_shapes_cannot_tell(model, epsilon, some_absent, assumed);
}

ModelData import_architecture(const std::string& path, const ConvertOptions& options,
                              TensorFile& file) {
  if (!options.stages.empty()) {
    throw UserError(
        "--stages: a known architecture has stages of its own; only a general network's are "
        "chosen");
  }
  const bool keras = file.dialect == Dialect::keras;
  const double of_keras = name_tensors(file, path);
  const Recognised taken = recognise(file, options.arch, path);
  const double epsilon = keras ? of_keras : find_family(taken.arch).batch_norm_epsilon;
  const std::string lead = path + ": " + taken.why;

  ModelData model;
  model.params = default_params(taken.arch);
  model.params.stride_in_1x1 = options.stride_in_1x1.value_or(keras);
  name_head(file, model.params, lead);
  take_input_rule(model, file, options.input, path);
  TensorSource source(file, lead);
  model.source = source_of(path);
  model.params.input_size = model.preprocess.crop;
  take_layers(model, file.dialect, epsilon, source);
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

/// A described network is taken as it is described, unless it is one of those that Keras brings
/// along, or the user names its architecture.
ModelData import_tensors(const std::string& path, const ConvertOptions& options) {
  TensorFile file = read_tensor_file(path, options.key);
  const bool as_it_is = options.arch == general_arch;
  const bool described =
      file.keras_config != nullptr &&
      (as_it_is ||
       (options.arch.empty() && !is_keras_application(file, options.stride_in_1x1.value_or(true))));
  return described ? import_keras(path, options, file) : import_architecture(path, options, file);
}

/// What stands where a repository was cloned or downloaded without its large files.
void refuse_pointer(const std::string& path, std::span<const uint8_t> bytes) {
  constexpr std::string_view beginning = "version https://git-lfs.github.com/spec/";
  if (!std::ranges::equal(bytes.first(std::min(bytes.size(), beginning.size())), beginning)) return;
  throw UserError(
      joined(path, ": a Git LFS pointer, not the weights; fetch them with git lfs pull"));
}

bool is_onnx(const std::string& path) {
  const FileBytes file(path);
  refuse_pointer(path, file.bytes());
  return !is_tensor_file(file.bytes()) &&
         (onnx::looks_like_onnx(file.bytes()) || path.ends_with(".onnx"));
}

}  // namespace

ModelData import_model(const std::string& path, const ConvertOptions& options) {
  ModelData model = is_onnx(path) ? import_onnx(path, options) : import_tensors(path, options);
  if (options.weights_16) round_to_halves(model, path);
  return model;
}

}  // namespace hdecomp
