/// An ONNX file's network with its input rule, class names and stages.
#include "weights/import/import_onnx.h"

#include <algorithm>

#include "hdecomp/error.h"
#include "nets/layer_names.h"
#include "weights/import/first_layer.h"
#include "weights/import/input_rule.h"
#include "weights/import/known_network.h"
#include "weights/import/labels.h"
#include "weights/model/graph_text.h"
#include "weights/model/model_format.h"
#include "weights/onnx/net.h"
#include "weights/onnx/network.h"

namespace hdecomp {
namespace {

void refuse_other_flags(const std::string& path, const ConvertOptions& options) {
  const bool other_arch = !options.arch.empty() && options.arch != general_arch;
  const char* flag = other_arch              ? "--arch"
                     : !options.key.empty()  ? "--key"
                     : options.stride_in_1x1 ? "--stride-in-1x1 and --stride-in-3x3"
                                             : nullptr;
  if (flag == nullptr) return;
  throw UserError(
      joined(flag, ": ", path, " is an ONNX file, which says itself what its network is",
             other_arch ? "; only --arch graph may be said, to keep its own layer names" : ""));
}

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
  if (asked.empty()) graph.stage_ends = onnx::find_stages(graph);
  try {
    check_stages(graph);
  } catch (const UserError& fault) {
    throw UserError(joined(asked.empty() ? path : "--stages", ": ", fault.what(),
                           asked.empty() ? " (--stages names them)" : ""));
  }
}

/// A published architecture gets its family's layer names and stages in place of the file's.
void name_as_known(const std::string& path, ModelData& model) {
  std::optional<KnownNetwork> known = known_network(model.graph);
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

/// A stated size is the network's input; else the file's own, resized as is usual for it.
InputStatement input_statement(const InputStatement& said, int64_t input_size) {
  constexpr int64_t usual_resize = 256, usual_crop = 224;
  InputStatement all = said;
  if (!all.resize) {
    all.resize = Resize::shorter_side;
    all.size = std::max<int64_t>(1, input_size * usual_resize / usual_crop);
  }
  if (all.crop == 0 && input_size <= all.size) all.crop = input_size;
  return all;
}

}  // namespace

ModelData import_onnx(const std::string& path, const ConvertOptions& options) {
  refuse_other_flags(path, options);
  InputStatement said = options.input;
  const bool whole = said.resize == Resize::square && said.crop == 0;
  onnx::Network network = onnx::read_network(path, said.crop != 0 ? said.crop
                                                   : whole        ? said.size
                                                                  : 0);
  if (network.grey) said.channel_order = ChannelOrder::rgb;
  ModelData model;
  const InputRule rule = input_rule(Dialect::torchvision, input_statement(said, network.input_size),
                                    network.input_size, network.grey, path);
  model.preprocess = rule.rule;
  model.conversion = rule.notes;
  if (model.preprocess.crop != network.input_size) {
    throw UserError(joined(path, ": its input is ", network.input_size,
                           " pixels wide, beyond the resize to ", model.preprocess.size,
                           "; give a larger --resize"));
  }
  std::vector<std::string>& assumed = model.conversion.assumed;
  assumed = std::move(network.said);
  if (network.grey) assumed.emplace_back(said_of_grey);
  if (said.mean.empty() || said.std.empty()) {
    assumed.emplace_back(
        "the file does not say how its images were normalised: ImageNet's usual way where no flag "
        "says another (--mean, --std, --pixel-range, --channel-order)");
  }
  model.graph = std::move(network.graph);
  model.graph.arch = general_arch;
  model.layers = std::move(network.layers);
  model.weights_16 = network.halves;
  model.params.arch = general_arch;
  model.params.input_size = network.input_size;
  model.params.classes = model.graph.shapes.back().channels;
  model.params.pool_size = 1;
  model.source = source_of(path);
  if (options.arch.empty() && options.stages.empty()) name_as_known(path, model);
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
