/// Model: the public face of a model file.
#include "hdecomp/model.h"

#include "hdecomp/error.h"
#include "hdecomp/this_cpu.h"
#include "nets/layer_names.h"
#include "runtime/network/receptive_fields.h"
#include "weights/import/import.h"
#include "weights/model/borrowed_model.h"
#include "weights/model/initialise.h"
#include "weights/model/model_file.h"
#include "weights/model/model_format.h"
#include "weights/model/other_side.h"

namespace hdecomp {
namespace {

/// The way into the library: all that computes has a model.
void require_this_cpu() {
  if (const char* complaint = cpu_complaint()) throw UserError(complaint);
}

std::shared_ptr<const ModelData> share(ModelData data) {
  add_other_side(data);
  return std::make_shared<const ModelData>(std::move(data));
}

}  // namespace

Model Model::load(const std::string& path, ModelMemory memory) {
  require_this_cpu();
  return Model(share(read_model(path, memory)));
}

Model Model::load(std::span<const uint8_t> bytes, const std::string& name) {
  require_this_cpu();
  return Model(share(read_model(bytes, name)));
}

Model Model::convert(const std::string& path, const ConvertOptions& options) {
  require_this_cpu();
  return Model(share(import_model(path, options)));
}

Model Model::initialise(const std::string& arch, uint64_t seed, int64_t classes,
                        PixelSize input_size) {
  require_this_cpu();
  NetParams params = default_params(arch);
  if (classes < 1)
    throw UserError(joined(arch, ": the class count is ", classes, "; give 1 or more"));
  params.classes = classes;
  if (input_size != 0) params.input_size = input_size;
  return Model(share(initialise_model(params, seed)));
}

Model Model::outline(const std::string& arch) {
  require_this_cpu();
  ModelData data;
  data.params = default_params(arch);
  data.preprocess.crop = data.params.input_size;
  data.graph = build_graph(data.params);
  return Model(share(std::move(data)));
}

void Model::save(const std::string& path) const {
  if (!data_->can_be_saved)
    throw Error("a network that was changed for computing alone cannot be saved");
  write_model(*data_, path);
}

Model Model::with_preprocess(const Preprocess& rule) const {
  const PixelSize& input = data_->preprocess.crop;
  if (rule.crop != input) {
    throw UserError(joined("the rule crops to ", rule.crop, ", the network's input is ", input));
  }
  check_preprocess(rule, "the rule");
  const std::shared_ptr<ModelData> result = described_as(data_);
  result->preprocess = rule;
  result->weights_16 = data_->weights_16;
  result->can_be_saved = data_->can_be_saved;
  result->graph = data_->graph;
  for (const LayerWeights& layer : data_->layers) result->layers.push_back(borrowed(layer));
  return Model(result);
}

const std::string& Model::arch() const { return data_->params.arch; }
const std::string& Model::source() const { return data_->source; }
const Preprocess& Model::preprocess() const { return data_->preprocess; }
const ConversionNotes& Model::conversion() const { return data_->conversion; }
int64_t Model::output_count() const { return data_->params.classes; }
int64_t Model::class_count() const { return has_other_side(*data_) ? 2 : output_count(); }

std::vector<LayerInfo> Model::layers() const {
  const Graph& graph = data_->graph;
  std::vector<LayerInfo> list;
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    const Node& node = graph.nodes[i];
    const FeatureShape& shape = graph.shapes[i];
    list.push_back(
        {node.name, node.torchvision, node.keras, shape.channels, shape.height, shape.width, ""});
  }
  for (const Stage& stage : graph.stage_ends) list[stage.node].stage = stage.name;
  return list;
}

std::vector<std::string> Model::stages() const {
  std::vector<std::string> names;
  for (const int node : stages_from_above(data_->graph)) {
    names.push_back(layer_label(data_->graph, node));
  }
  return names;
}

std::string Model::stage_below(const std::string& layer) const {
  const Graph& graph = data_->graph;
  const int node = find_layer(graph, layer);
  for (const int stage : stages_from_above(graph)) {
    if (is_below(graph, stage, node)) return layer_label(graph, stage);
  }
  return {};
}

PixelRectangle Model::receptive_field(const std::string& layer, int64_t y, int64_t x) const {
  const Graph& graph = data_->graph;
  const int node = find_layer(graph, layer);
  const FeatureShape& shape = graph.shapes[node];
  if (y < 0 || y >= shape.height || x < 0 || x >= shape.width) {
    throw Error(joined("layer ", layer, " has no place (", y, ", ", x, ")"));
  }
  if (node == 0) return {y, x, 1, 1};  // a pixel
  return ReceptiveFields(graph, node).at(y, x);
}

}  // namespace hdecomp
