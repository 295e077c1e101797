/// What all files with a general network have in common on their way to a model.
#include "weights/import/general_model.h"

#include <algorithm>

#include "hdecomp/error.h"
#include "nets/layer_names.h"
#include "weights/general/net.h"
#include "weights/general/stages.h"
#include "weights/import/first_layer.h"
#include "weights/import/input_rule.h"
#include "weights/import/known_network.h"
#include "weights/import/labels.h"
#include "weights/import/usual_input.h"
#include "weights/model/graph_text.h"
#include "weights/model/model_format.h"

namespace hdecomp {
namespace {

/// swap_red_and_blue() turns convolutions alone.
void require_convolutions_at_image(const std::string& path, const Graph& graph) {
  for (const Node& node : graph.nodes) {
    if (std::ranges::find(node.inputs, 0) == node.inputs.end()) continue;
    if (node.op == Op::conv && node.groups == 1) continue;
    throw UserError(joined(path, ": --channel-order bgr: layer ", node.name,
                           " reads the image and is no convolution"));
  }
}

/// What the user asks for, or by the map's size.
void set_stages(const std::string& path, const std::vector<std::string>& asked, Graph& graph) {
  graph.stage_ends.clear();
  for (const std::string& name : asked) {
    const int node = find_layer(graph, name);
    graph.stage_ends.push_back({graph.nodes[node].name, node});
  }
  if (asked.empty()) graph.stage_ends = general::find_stages(graph);
  try {
    check_stages(graph);
  } catch (const UserError& fault) {
    throw UserError(joined(asked.empty() ? path : "--stages", ": ", fault.what(),
                           asked.empty() ? " (--stages names them)" : ""));
  }
}

/// A published architecture gets its family's layer names and stages in place of the file's.
void name_as(std::optional<KnownNetwork> known, const std::string& path, ModelData& model) {
  if (!known) return;
  std::vector<LayerWeights> layers(known->nodes.size());
  for (size_t i = 0; i < layers.size(); ++i) {
    if (has_weights(known->graph.nodes[i])) layers[i] = std::move(model.layers[known->nodes[i]]);
  }
  model.params = known->params;
  model.graph = std::move(known->graph);
  model.layers = std::move(layers);
  model.conversion.assumed.push_back(
      joined("recognised as ", model.params.arch, " in ", path,
             ": its layers have that architecture's names (--arch graph keeps the file's)"));
}

/// A stated size is the network's input; else the file's own, resized as is published with it, or
/// as is usual.
InputStatement input_statement(const InputStatement& said, const PixelSize& input_size,
                               const Preprocess& published) {
  InputStatement all = said;
  if (!all.resize) {
    const bool own = published.crop == input_size;
    all.resize = Resize::cover;
    all.size = own ? published.size : usual_resize(input_size);
    if (own && !all.interpolation) all.interpolation = published.interpolation;
  }
  if (all.crop == 0 && input_size.fits_in(all.size)) all.crop = input_size;
  return all;
}

}  // namespace

PixelSize asked_size(const InputStatement& said) {
  if (said.crop != 0) return said.crop;
  return said.resize == Resize::stretch ? said.size : PixelSize(0);
}

void refuse_flags_of_architectures(const std::string& path, const ConvertOptions& options,
                                   const char* kind) {
  const bool other_arch = !options.arch.empty() && options.arch != general_arch;
  const char* flag = other_arch              ? "--arch"
                     : !options.key.empty()  ? "--key"
                     : options.stride_in_1x1 ? "--stride-in-1x1 and --stride-in-3x3"
                                             : nullptr;
  if (flag == nullptr) return;
  throw UserError(
      joined(flag, ": ", path, " is ", kind, ", which says itself what its network is",
             other_arch ? "; only --arch graph may be said, to keep its own layer names" : ""));
}

ModelData general_model(const std::string& path, const ConvertOptions& options,
                        const InputStatement& statement, general::Network network) {
  std::optional<KnownNetwork> known;
  if (options.arch.empty() && options.stages.empty()) known = known_network(network.graph);
  const std::string arch = known ? known->params.arch : std::string(general_arch);
  InputStatement said = input_statement(statement, network.input_size, published_input(arch));
  if (network.grey) said.channel_order = ChannelOrder::rgb;
  ModelData model;
  const InputRule rule = input_rule(Dialect::torchvision, said, Preprocess{}, network.grey, path);
  model.preprocess = rule.rule;
  model.conversion = rule.notes;
  if (model.preprocess.crop != network.input_size) {
    throw UserError(joined(path, ": its input is ", network.input_size,
                           " pixels, beyond the resize to ", model.preprocess.size,
                           "; give a larger --resize"));
  }
  model.conversion.assumed = std::move(network.said);
  if (network.grey) model.conversion.assumed.emplace_back(said_of_grey);
  model.graph = std::move(network.graph);
  model.graph.arch = general_arch;
  model.layers = std::move(network.layers);
  model.weights_16 = network.halves;
  model.params.arch = general_arch;
  model.params.input_size = network.input_size;
  model.params.classes = model.graph.has_scores ? model.graph.shapes.back().channels : 0;
  model.params.pool_size = 1;
  model.source = source_of(path);
  name_as(std::move(known), path, model);
  if (model.params.arch == general_arch) set_stages(path, options.stages, model.graph);
  if (model.conversion.channel_order == ChannelOrder::bgr) {
    require_convolutions_at_image(path, model.graph);
    swap_red_and_blue(model);
  }
  read_classes(model, options.classes_file);
  check_weights(model, path);
  return model;
}

}  // namespace hdecomp
