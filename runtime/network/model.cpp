/// Model: the public face of a model file.
#include "hdecomp/model.h"

#include <algorithm>
#include <filesystem>
#include <optional>

#include "hdecomp/error.h"
#include "hdecomp/number.h"
#include "hdecomp/this_cpu.h"
#include "nets/layer_names.h"
#include "nets/lower.h"
#include "nets/nearest.h"
#include "runtime/network/window_executor.h"
#include "weights/import/import.h"
#include "weights/model/initialise.h"
#include "weights/model/model_file.h"
#include "weights/model/other_side.h"

namespace hdecomp {
namespace {

/// Lower case, spaces as '_': how class names are compared.
std::string folded(std::string name) {
  for (char& c : name) {
    c = c == ' ' ? '_' : ascii_lower(c);
  }
  return name;
}

/// The class of a WordNet id; else all whose name is the wanted one, spelled alike if there are
/// any, else but for case and '_'.
std::vector<int64_t> classes_called(const ModelData& model, const std::string& wanted) {
  const std::string alike = folded(wanted);
  const auto at = [](const auto& list, const std::string& name, auto&& form) {
    std::vector<int64_t> places;
    for (size_t i = 0; i < list.size(); ++i) {
      if (form(list[i]) == name) places.push_back(static_cast<int64_t>(i));
    }
    return places;
  };
  const auto itself = [](const std::string& name) { return name; };
  std::vector<int64_t> found = at(model.wnids, alike, folded);
  if (found.empty()) found = at(model.classes, wanted, itself);
  if (found.empty()) found = at(model.classes, alike, folded);
  return found;
}

std::string ambiguous(const Model& model, const std::string& wanted,
                      const std::vector<int64_t>& found) {
  std::string list, id_too;
  for (const int64_t index : found) {
    const std::string wnid = model.class_wnid(index);
    if (!wnid.empty()) id_too = " or WordNet id";
    list += joined(list.empty() ? "" : ", ", "index:", index, " ('", model.class_name(index), "'",
                   wnid.empty() ? "" : ", " + wnid, ")");
  }
  return joined("class '", wanted, "' is ", found.size(), " classes of the model: ", list,
                "; give one by its index", id_too);
}

/// The way into the library: all that computes has a model.
void require_this_cpu() {
  if (const char* complaint = cpu_complaint()) throw UserError(complaint);
}

std::shared_ptr<const ModelData> share(ModelData data) {
  add_other_side(data);
  return std::make_shared<const ModelData>(std::move(data));
}

}  // namespace

Model Model::load(const std::string& path) {
  require_this_cpu();
  return Model(share(read_model(path)));
}

Model Model::convert(const std::string& path, const ConvertOptions& options) {
  require_this_cpu();
  return Model(share(import_model(path, options)));
}

Model Model::initialise(const std::string& arch, uint64_t seed, int64_t classes,
                        int64_t input_size) {
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

void Model::save(const std::string& path) const { write_model(*data_, path); }

const std::string& Model::arch() const { return data_->params.arch; }
const std::string& Model::source() const { return data_->source; }
const Preprocess& Model::preprocess() const { return data_->preprocess; }
const ConversionNotes& Model::conversion() const { return data_->conversion; }
int64_t Model::output_count() const { return data_->params.classes; }
int64_t Model::class_count() const { return has_other_side(*data_) ? 2 : output_count(); }

void Model::require_classes() const {
  if (class_count() > 0) return;
  throw UserError(
      "the model has features but no classes, for the file that it was converted from ends without "
      "a classifier; decompose a feature of it (decompose --from LAYER:CHANNEL@Y,X), or convert "
      "the whole network");
}

std::string Model::class_name(int64_t index) const {
  if (has_other_side(*data_) && index == 1) return "not " + class_name(0);
  const auto& names = data_->classes;
  return names.empty() ? joined("class ", index) : names.at(index);
}

std::string Model::class_wnid(int64_t index) const {
  const auto& wnids = data_->wnids;
  const bool known = index < std::ssize(wnids);  // a class's other side has none
  return known ? wnids.at(index) : "";
}

int64_t Model::find_class(const std::string& text_given) const {
  require_classes();
  constexpr std::string_view other_side = "not:";
  if (has_other_side(*data_)) {
    if (folded(text_given) == folded(class_name(1))) return 1;
    if (text_given.starts_with(other_side)) {
      return 1 - find_class(text_given.substr(other_side.size()));
    }
  }
  constexpr std::string_view by_index = "index:", by_name = "name:";
  const bool index_alone = text_given.starts_with(by_index);
  const bool name_alone = text_given.starts_with(by_name);
  const std::string wanted = text_given.substr(index_alone  ? by_index.size()
                                               : name_alone ? by_name.size()
                                                            : 0);
  const auto index = name_alone ? std::nullopt : number_in(wanted);
  if (index_alone && !index) {
    throw UserError(joined("no class '", text_given, "'; give a number after ", by_index));
  }
  std::vector<int64_t> found;
  if (!index_alone) found = classes_called(*data_, wanted);
  if (index) {
    const bool inside = *index >= 0 && *index < class_count();
    if (inside && (found.empty() || found == std::vector{*index})) return *index;
    if (found.empty()) {
      throw UserError(
          joined("no class ", *index, "; the model's classes are 0 to ", class_count() - 1));
    }
    if (inside) found.insert(found.begin(), *index);
  }
  if (found.size() == 1) return found[0];
  if (found.size() > 1) throw UserError(ambiguous(*this, wanted, found));
  std::vector<std::string> known = data_->classes;
  known.insert(known.end(), data_->wnids.begin(), data_->wnids.end());
  const std::string hint =
      text_given.starts_with(other_side)
          ? joined("; ", other_side, " is for networks of one output whose score is a plain sum")
      : known.empty()
          ? joined("; the model file names no classes, give an index from 0 to ", class_count() - 1)
          : did_you_mean(wanted, known);
  throw UserError(joined("no class '", wanted, "' in the model", hint));
}

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
  if (node == 0) return {y, x, 1, 1};
  const Window window = plan_windows(graph, node, 0).windows[0];
  const auto inside = [](const WindowAxis& axis, int64_t position) {
    const int64_t begin = std::max<int64_t>(axis.begin(position), 0);
    const int64_t end = std::min(axis.begin(position) + axis.size, axis.map);
    return std::pair(begin, std::max<int64_t>(end - begin, 0));
  };
  const auto [top, height] = inside(window.y, y);
  const auto [left, width] = inside(window.x, x);
  return {top, left, height, width};
}

}  // namespace hdecomp
