/// Tables of channels' names.
#include "tools/tables/concept_names.h"

#include <algorithm>
#include <map>

#include "hdecomp/error.h"

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

}  // namespace hdecomp::tools
