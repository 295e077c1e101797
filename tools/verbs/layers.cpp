/// The verb layers: every name a layer can be called by, its shape, and which layers end a stage.
#include <cstdio>
#include <nlohmann/json.hpp>

#include "hdecomp/choice.h"
#include "hdecomp/stopwatch.h"
#include "tools/console/json_text.h"
#include "tools/runs/session.h"
#include "tools/verbs.h"

namespace hdecomp::tools {
namespace {

using Json = nlohmann::ordered_json;

/// A network without a family has names of its file's alone.
bool is_general(const Model& model) { return model.arch() == "graph"; }

std::string line_of(const std::vector<std::string>& names) {
  return names.empty() ? "-" : listed(names, " ");
}

void print_json(const Model& model, double load_ms) {
  Json result{{"arch", model.arch()}, {"layers", Json::array()}};
  for (const LayerInfo& layer : model.layers()) {
    Json entry{{"name", layer.name}};
    entry[is_general(model) ? "also" : "torchvision"] = layer.torchvision;
    if (!is_general(model)) entry["keras"] = layer.keras;
    entry["channels"] = layer.channels;
    entry["height"] = layer.height;
    entry["width"] = layer.width;
    if (!layer.stage.empty()) entry["stage"] = layer.stage;
    result["layers"].push_back(std::move(entry));
  }
  result["timings_ms"] = {{"load", load_ms}};
  std::printf("%s\n", json_text(result).c_str());
}

}  // namespace

void layers(const LayersOptions& options) {
  const Stopwatch watch;
  const Model model = options.arch.empty() ? load_model(options.common, ModelMemory::mapped)
                                           : Model::outline(options.arch);
  if (options.common.json) return print_json(model, watch.ms());
  std::printf("%s: %lld classes, input %s (stage ends are marked with *)\n", model.arch().c_str(),
              static_cast<long long>(model.output_count()),
              joined(model.preprocess().crop).c_str());
  const bool general = is_general(model);
  std::printf("%-22s %-17s %-42s%s\n", "layer", "channels x h x w",
              general ? "its file's names for it" : "torchvision", general ? "" : " keras");
  for (const LayerInfo& layer : model.layers()) {
    const std::string alias = layer.stage.empty() || layer.stage == layer.name
                                  ? layer.name
                                  : layer.name + " = " + layer.stage;
    const std::string name = (layer.stage.empty() ? "  " : "* ") + alias;
    const std::string keras = general ? "" : " " + line_of(layer.keras);
    std::printf("%-22s %-17s %-42s%s\n", name.c_str(),
                joined(layer.channels, " x ", layer.height, " x ", layer.width).c_str(),
                line_of(layer.torchvision).c_str(), keras.c_str());
  }
}

}  // namespace hdecomp::tools
