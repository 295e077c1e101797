/// what-if as JSON (tools/WHAT_IF_JSON.md).
#include <algorithm>

#include "hdecomp/json.h"
#include "tools/trees/what_if_result.h"

namespace hdecomp::tools {
namespace {

constexpr size_t listed_classes = 5;

void put_verdict(JsonWriter& json, const char* key, const Verdict& verdict) {
  json.key(key);
  json.begin_object();
  json.key("decision");
  put_score(json, verdict.decision);
  json.key("top");
  json.begin_array();
  for (size_t i = 0; i < std::min(listed_classes, verdict.top.size()); ++i) {
    put_score(json, verdict.top[i]);
  }
  json.end();
  json.end();
}

void put_box(JsonWriter& json, const PhotoBox& box) {
  const int64_t numbers[] = {box.x, box.y, box.width, box.height};
  json.list<int64_t>(numbers);
}

void put_channels(JsonWriter& json, const std::vector<FilledLayer>& layers) {
  json.begin_array();
  for (const FilledLayer& layer : layers) {
    json.begin_object(JsonWriter::Lines::one);
    json.field("layer", layer.layer);
    json.key("channels");
    json.list<int32_t>(layer.channels);
    json.key("values");
    json.list<float>(layer.values);
    json.end();
  }
  json.end();
}

void put_region(JsonWriter& json, const Change& change, const WhatIf& says) {
  json.field("fill", region_fills[static_cast<size_t>(change.pixels)]);
  json.key("box");
  const EvidenceRegion& evidence = *change.of_pixels;
  put_box(json, evidence.region.box);
  json.field("pixels", evidence.region.pixels());
  json.field("seen_pixels", says.seen.pixels());
  if (change.kind == "box") return;
  json.field("node", evidence.node);
  json.field("in_tree", evidence.in_tree);
}

void put_control(JsonWriter& json, const WhatIf& says, size_t i) {
  const Verdict& control = says.controls[i];
  json.begin_object(JsonWriter::Lines::one);
  if (says.control_boxes.empty()) {
    json.key("off");
    put_channels(json, says.control_channels[i]);
  } else {
    json.key("box");
    put_box(json, says.control_boxes[i]);
  }
  json.field("score", control.decision.score);
  json.field("probability", control.decision.probability);
  json.field("predicted", control.predicted().index);
  json.end();
}

/// What chance did, in numbers, and each time.
void put_controls(JsonWriter& json, const WhatIf& says, uint64_t seed) {
  const ControlSummary chance = summary_of(says);
  json.field("count", chance.controls);
  json.field("seed", std::to_string(seed));
  json.field("class_changes", chance.class_changes);
  json.field("mean_change", chance.mean_change);
  json.field("least_change", chance.least_change);
  json.field("most_change", chance.most_change);
  json.field("mean_score_change", chance.mean_score_change);
  json.field("as_low", chance.as_low);
  json.field("as_high", chance.as_high);
  json.key("each");
  json.begin_array();
  for (size_t i = 0; i < says.controls.size(); ++i) put_control(json, says, i);
  json.end();
}

/// All but the timings and the trees.
void put_what_if(JsonWriter& json, const WhatIfResult& result) {
  const Change& change = result.change;
  json.field("format", "hdecomp-what-if");
  json.field("format_version", 1);
  json.field("image", result.image);
  json.field("width", result.width);
  json.field("height", result.height);
  json.key("change");
  json.begin_object();
  json.field("kind", change.kind);
  if (change.of_pixels) {
    put_region(json, change, result.says);
  } else {
    json.field("fill", to_string(change.channels.fill));
    json.key("off");
    put_channels(json, result.says.off);
  }
  json.end();
  put_verdict(json, "before", result.says.before);
  put_verdict(json, "after", result.says.after);
  json.key("control");
  json.begin_object();
  put_controls(json, result.says, result.seed);
  json.end();
}

}  // namespace

void write_what_if_json(const WhatIfResult& result, bool trees, const TextSink& sink) {
  std::string head = json_object([&](JsonWriter& json) {
    put_what_if(json, result);
    put_timings(json, result.timings_ms);
  });
  head.pop_back();  // the object's end comes after the trees
  sink(head);
  const auto put_tree = [&](const char* key, const std::optional<Tree>& tree) {
    sink(joined(",\n\"", key, "\": "));
    if (tree) return write_json(*tree, sink);
    sink("null");
  };
  if (trees) put_tree("tree_before", result.tree_before);
  if (trees) put_tree("tree_after", result.tree_after);
  sink("}");
}

}  // namespace hdecomp::tools
