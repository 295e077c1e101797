/// One walk over a Keras model's layers; each becomes nodes of a network.
#include "weights/keras_graph/network.h"

#include <algorithm>

#include "hdecomp/error.h"
#include "weights/file/in_quotes.h"
#include "weights/general/input_size.h"
#include "weights/general/names.h"
#include "weights/keras_graph/layer_rules.h"
#include "weights/keras_graph/order.h"

namespace hdecomp::keras_graph {
namespace {

using general::Net;
using general::Network;

const std::map<std::string, LayerRule>& rules() {
  static const std::map<std::string, LayerRule> all = [] {
    std::map<std::string, LayerRule> made;
    add_kernel_rules(made);
    add_shape_rules(made);
    add_function_rules(made);
    add_scale_rules(made);
    add_join_rules(made);
    return made;
  }();
  return all;
}

bool is_model(const KerasLayer& layer) {
  return layer.kind == "Functional" || layer.kind == "Model" || layer.kind == "Sequential";
}

std::string supported_layers() {
  std::string list = "Functional, Sequential, InputLayer";
  for (const auto& [kind, rule] : rules()) list += ", " + kind;
  return list;
}

/// Before anything else of the model is looked at.
void require_supported(const KerasLayer& model) {
  for (const KerasLayer& layer : model.layers) {
    if (is_model(layer)) {
      require_supported(layer);
    } else if (layer.kind != "InputLayer" && !rules().contains(layer.kind)) {
      throw UserError(joined("layer ", in_quotes(layer.name), " (", in_quotes(layer.kind),
                             ") is not supported; supported are ", supported_layers()));
    }
  }
}

/// The first layer that says the image's shape: (batch, h, w, channels), open dimensions 0.
const KerasLayer* input_layer(const KerasLayer& model) {
  for (const KerasLayer& layer : model.layers) {
    const Settings said(layer);
    if (said.has("batch_shape") || said.has("batch_input_shape")) return &layer;
    if (is_model(layer)) {
      if (const KerasLayer* inside = input_layer(layer)) return inside;
    }
  }
  return nullptr;
}

class Walk {
 public:
  Walk(const TensorFile& file, Net& net, bool keras3) : file_(file), net_(net), keras3_(keras3) {}

  Feature model(const KerasLayer& model, const Feature& input) {
    return model.kind == "Sequential" ? chain(model, input) : graph(model, input);
  }

 private:
  Feature chain(const KerasLayer& model, Feature at) {
    for (const KerasLayer& layer : model.layers) at = layer_of(layer, {}, {std::move(at)}, 1);
    return at;
  }

  Feature graph(const KerasLayer& model, const Feature& input) {
    std::vector<Feature> features;
    for (const Step& step : steps_of(model)) {
      const KerasLayer& layer = model.layers[step.layer];
      std::vector<Feature> inputs;
      for (const size_t from : step.inputs) inputs.push_back(features[from]);
      if (layer.kind == "InputLayer") inputs = {input};
      const KerasCall call = layer.calls.empty() ? KerasCall{} : layer.calls[step.call];
      features.push_back(layer_of(layer, call, std::move(inputs), step.readers));
    }
    return features.back();
  }

  Feature layer_of(const KerasLayer& layer, const KerasCall& call, std::vector<Feature> inputs,
                   size_t readers) {
    try {
      if (inputs.empty()) throw UserError("it reads nothing");
      const int before = net_.graph().scores();
      Feature result = computed(layer, call, std::move(inputs));
      result.sole = result.sole && readers == 1;
      if (result.node > 0 && !is_model(layer) && layer.kind != "InputLayer") {
        // Those that a layer is made of, and the one that it became a part of.
        for (int at = std::min(before + 1, result.node); at <= result.node; ++at) {
          general::add_name(net_.node(at), layer.name);
        }
      }
      return result;
    } catch (const UserError& fault) {
      const std::string line = fault.what();
      if (line.starts_with("layer '")) throw;  // one inside this model
      throw UserError(
          joined("layer ", in_quotes(layer.name), " (", in_quotes(layer.kind), "): ", line));
    }
  }

  Feature computed(const KerasLayer& layer, const KerasCall& call, std::vector<Feature> inputs) {
    if (layer.kind == "InputLayer") return inputs[0];
    if (is_model(layer)) {
      if (inputs.size() != 1) throw UserError("a model of several inputs");
      return model(layer, inputs[0]);
    }
    const LayerRule rule = rules().at(layer.kind);
    if (!passes_on(layer.kind)) {
      for (Feature& input : inputs) input = settled(net_, std::move(input));
    }
    return rule({layer, Settings(layer), std::move(inputs), call, file_, net_, keras3_});
  }

  /// What may stand between a network's last softmax and its end.
  static bool passes_on(const std::string& kind) {
    return kind == "Flatten" || kind == "Reshape" || kind == "Dropout";
  }

  const TensorFile& file_;
  Net& net_;
  bool keras3_;
};

/// As `asked`, or as the file says.
struct Image {
  PixelSize size;
  bool grey = false;
};
Image image_of(const KerasLayer* layer, const PixelSize& asked, std::vector<std::string>& said) {
  std::vector<int64_t> dims{0, 0, 0, 3};
  if (layer != nullptr) {
    const Settings settings(*layer);
    dims = settings.integers(settings.has("batch_shape") ? "batch_shape" : "batch_input_shape");
  }
  if (dims.size() != 4) {
    throw UserError(joined("the input has ", dims.size(),
                           " dimensions; batch, height, width and channels are needed"));
  }
  if (dims[3] == 0) dims[3] = 3;
  const std::string what = joined("the input of ", dims[1], "x", dims[2], "x", dims[3]);
  if (dims[3] != 3 && dims[3] != 1) {
    throw UserError(joined(what, "; images have 3 channels, or 1, on the last axis"));
  }
  return {general::input_size(asked, {dims[1], dims[2]}, what, said), dims[3] == 1};
}

void finish(Net& net, const Feature& scores, Network& result) {
  const FeatureShape shape = net.shape(scores.node);
  if (scores.node == 0) throw UserError("the output is the image itself");
  const bool headless = shape.height * shape.width > 1;
  if (headless) result.said.emplace_back(general::said_of_headless);
  if (!scores.pending.empty()) {
    result.said.push_back(
        joined("the final ", scores.pending, " is left out: decisions are the scores before it"));
  }
  general::drop_unread(net, scores.node);
  result.graph = std::move(net.graph());
  result.graph.has_scores = !headless;
  result.layers = std::move(net.layers());
  general::name_nodes(result.graph);
  infer_shapes(result.graph, {3, result.input_size.height, result.input_size.width});
}

Network network_of(const TensorFile& file, const PixelSize& size, SizeBudget& budget) {
  const KerasLayer& model = *file.keras_config;
  if (!is_model(model)) {
    throw UserError(joined("the model is a ", in_quotes(model.kind),
                           "; Functional and Sequential models are read"));
  }
  require_supported(model);
  const KerasLayer* first = input_layer(model);
  Network result;
  const Image image = image_of(first, size, result.said);
  result.input_size = image.size;
  result.grey = image.grey;
  if (model.outputs.size() > 1) {
    result.said.push_back(joined("the first of ", model.outputs.size(), " outputs, ",
                                 in_quotes(model.outputs[0].layer), ", holds the class scores"));
  }
  Net net({3, image.size.height, image.size.width}, budget);
  Feature input;
  input.node = image.grey ? general::append_luminance(net) : 0;
  input.dims = {image.size.height, image.size.width, image.grey ? 1 : 3};
  const bool keras3 = first != nullptr && Settings(*first).has("batch_shape");
  const Feature scores = Walk(file, net, keras3).model(model, input);
  finish(net, scores, result);
  return result;
}

}  // namespace

general::Network read_network(const TensorFile& file, const std::string& path,
                              const PixelSize& size) {
  try {
    uint64_t bytes = 0;
    for (const auto& [name, tensor] : file.tensors) {
      bytes += static_cast<uint64_t>(tensor.elements()) * sizeof(float);
    }
    SizeBudget budget(path, bytes);
    return network_of(file, size, budget);
  } catch (const UserError& fault) {
    const std::string line = fault.what();
    throw UserError(line.starts_with(path) ? line : joined(path, ": ", line));
  }
}

}  // namespace hdecomp::keras_graph
