/// Tables of channels' names, and the names that need no segmentations.
#include "tools/tables/concept_names.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>

#include "hdecomp/patches.h"
#include "hdecomp/stopwatch.h"
#include "tools/console/json_text.h"
#include "tools/output/output_folder.h"
#include "tools/runs/session.h"

namespace hdecomp::tools {

std::string concept_words(const ChannelConcepts* concepts, const std::string& layer,
                          int64_t channel) {
  return concepts != nullptr ? concepts->words(layer, channel) : std::string();
}

void put_concept_name(JsonWriter& json, const ChannelConcepts* concepts, const std::string& layer,
                      int64_t channel) {
  const std::string name = concept_words(concepts, layer, channel);
  if (!name.empty()) json.field("name", name);
}

Table concepts_by_layer(const ChannelConcepts& concepts) {
  const bool by_patches = concepts.by() == ConceptsBy::patches;
  Table table{{"layer", "channels", "with a name", "different names",
               by_patches ? "largest share" : "largest IoU", "most channels"},
              {}};
  for (const LayerConcepts& layer : concepts.layers()) {
    std::map<std::string, int> names;
    int named = 0;
    double largest = 0;
    for (int64_t c = 0; c < std::ssize(layer.channels); ++c) {
      const ChannelConcept* found = concepts.find(layer.layer, c);
      if (found == nullptr) continue;
      ++named;
      ++names[concepts.names().at(found->region).name];
      largest = std::max(largest, found->iou);
    }
    const size_t different = names.size();
    std::string most;
    for (int shown = 0; shown < 3 && !names.empty(); ++shown) {
      const auto next = std::ranges::max_element(
          names, [](const auto& a, const auto& b) { return a.second < b.second; });
      most += joined(most.empty() ? "" : ", ", next->first, " ", next->second);
      names.erase(next);
    }
    table.rows.push_back({layer.layer, joined(layer.channels.size()), joined(named),
                          joined(different), cell(largest, 3), most});
  }
  return table;
}

Table concepts_by_channel(const ChannelConcepts& concepts) {
  Table table{{"layer", "channel", "label", "region", "IoU", "named", "threshold", "mask pixels"},
              {}};
  if (concepts.by() == ConceptsBy::patches) {
    table.header = {"layer", "channel", "class",          "name",
                    "share", "named",   "smallest value", "patches"};
  }
  for (const LayerConcepts& layer : concepts.layers()) {
    for (int64_t c = 0; c < std::ssize(layer.channels); ++c) {
      const ChannelConcept& own = layer.channels[c];
      const bool has_region = own.region >= 0;
      const RegionName name = has_region ? concepts.names().at(own.region) : RegionName{};
      table.rows.push_back({layer.layer, joined(c), has_region ? joined(name.number) : "",
                            name.name, cell(own.iou, 6),
                            concepts.find(layer.layer, c) != nullptr ? "1" : "0",
                            cell(own.threshold, 6), joined(own.mask)});
    }
  }
  return table;
}

void print_concepts(const Table& layers, int64_t images, int64_t skipped, bool json,
                    const Timings& timings_ms) {
  if (json) {
    const nlohmann::ordered_json result{{"images", images},
                                        {"skipped", skipped},
                                        {"header", layers.header},
                                        {"rows", layers.rows},
                                        {"timings_ms", timings_ms}};
    std::printf("%s\n", json_text(result).c_str());
    return;
  }
  std::printf("%s%lld images, %lld skipped\n", to_columns(layers).c_str(),
              static_cast<long long>(images), static_cast<long long>(skipped));
}

void name_by_patches(const ConceptsCommandOptions& options) {
  const bool has_images = !options.images.images.empty() || !options.images.list.empty();
  if (has_images || !options.regions.folder.empty()) {
    throw UserError("--patches: names come of the patches file alone; give no images or regions");
  }
  const Stopwatch watch;
  const Model model = load_model(options.common);
  const auto patches = PatchFile::load(options.patches, model, model_sha256(options.common));
  const auto names = names_by_patches(*patches, options.least_share);
  save_names(options.output, *patches, *names);
  write_beside(options.output, ".csv", to_csv(concepts_by_channel(*names)));
  constexpr int orders = 10;
  constexpr uint64_t seed = 0;
  const auto chance = names_by_chance(*patches, options.least_share, orders, seed);
  Table layers = concepts_by_layer(*names);
  layers.header.insert(layers.header.begin() + 3, "by chance");
  for (size_t l = 0; l < chance.size(); ++l) {
    layers.rows[l].insert(layers.rows[l].begin() + 3, cell(chance[l], 1));
  }
  const auto all = std::ssize(patches->plan().images);
  print_concepts(layers, names->images(), all - names->images(), options.common.json,
                 {{"load", watch.ms()}});
  if (options.common.json) return;
  std::printf("classes are the photographs' %s\n",
              are_labelled(*patches) ? "labels" : "most probable ones");
}

}  // namespace hdecomp::tools
