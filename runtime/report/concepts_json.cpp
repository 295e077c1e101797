/// Names of channels as JSON.
#include "hdecomp/concepts_json.h"

#include <set>

#include "hdecomp/error.h"

namespace hdecomp {
namespace {

/// "conv5_3:70"
std::set<std::string> channels_of(const TreeNode& root) {
  std::set<std::string> channels;
  for (const TreeStep& step : distinct_steps(root)) {
    for (const TreeNode& child : step.decision->children()) {
      channels.insert(joined(child.layer, ":", child.channel));
    }
  }
  return channels;
}

}  // namespace

void put_concepts(JsonWriter& json, const ChannelConcepts& concepts, const TreeNode* root) {
  const std::set<std::string> wanted =
      root != nullptr ? channels_of(*root) : std::set<std::string>();
  json.key("concepts");
  json.begin_object();
  for (const LayerConcepts& layer : concepts.layers()) {
    json.key(layer.layer);
    json.begin_object();
    for (int64_t c = 0; c < std::ssize(layer.channels); ++c) {
      const ChannelConcept* found = concepts.find(layer.layer, c);
      if (found == nullptr) continue;
      if (root != nullptr && !wanted.contains(joined(layer.layer, ":", c))) continue;
      json.key(joined(c));
      json.begin_object(JsonWriter::Lines::one);
      json.field("name", concepts.names().at(found->region).name);
      json.field("iou", found->iou);
      if (concepts.by() == ConceptsBy::patches) json.field("patches", found->mask);
      json.end();
    }
    json.end();
  }
  json.end();
}

}  // namespace hdecomp
