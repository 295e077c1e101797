/// Steps and evidence as JSON (tools/TREE_JSON.md).
#include "hdecomp/steps_json.h"

namespace hdecomp {

StepsJson::~StepsJson() = default;

bool StepsJson::wanted(const std::string& /*place*/) const { return true; }
void StepsJson::put_more(JsonWriter& /*json*/, const TreeStep& /*parent*/, size_t /*child*/) const {
}
void StepsJson::put_added(JsonWriter& /*json*/, const std::string& /*place*/) const {}

void StepsJson::put_list(JsonWriter& json, std::span<const float> values) const {
  json.list(values);
}
void StepsJson::put_list(JsonWriter& json, std::span<const int32_t> values) const {
  json.list(values);
}

void StepsJson::put_numbers(JsonWriter& json, const Decomposition& step) const {
  const auto put = [&](const char* name, const auto& list) {
    json.key(name);
    put_list(json, std::span(list.begin(), list.size()));
  };
  json.field("layer", step.layer);
  json.field("height", step.height);
  json.field("width", step.width);
  json.field("positive", step.positive);
  json.field("total", step.total);
  json.field("bias", step.value - step.total);
  json.field("chosen_of_positive", step.chosen_of_positive);
  json.field("chosen_of_value", step.chosen_of_value);
  put("contributions", step.contribution);
  put("peaks", step.peak);
  put("positions", step.position);
  if (step.first_peaks > 0) {
    json.field("first_peaks", step.first_peaks);
    json.field("extra_peaks", step.extra_peaks);
  }
}

void StepsJson::put_node(JsonWriter& json, const TreeStep& parent, size_t child,
                         const std::function<void()>& more) const {
  const TreeNode& node = parent.decision->children()[child];
  json.begin_object(JsonWriter::Lines::one);
  json.field("channel", node.channel);
  json.field("y", node.y);
  json.field("x", node.x);
  json.field("contribution", node.contribution);
  json.field("share", node.share);
  json.field("peak", node.peak);
  json.field("value", node.value);
  if (!node.members.empty()) {
    json.key("members");
    json.list<int32_t>(node.members);
  }
  if (node.extra_peak > 0) json.field("extra_peak", node.extra_peak);
  put_more(json, parent, child);
  if (more) more();
  json.end();
}

void StepsJson::put_step(JsonWriter& json, const TreeStep& step) const {
  json.begin_object();
  put_numbers(json, *step.decision->step);
  json.key("children");
  json.begin_array();
  for (size_t i = 0; i < step.decision->children().size(); ++i) put_node(json, step, i);
  put_added(json, place_of(*step.decision));
  json.end();
  json.end();
}

void StepsJson::put_members(JsonWriter& json, const TreeNode& root) const {
  for (const TreeStep& step : distinct_steps(root)) {
    const std::string place = place_of(*step.decision);
    if (!wanted(place)) continue;
    json.key(place);
    put_step(json, step);
  }
}

void StepsJson::put_steps(JsonWriter& json, const TreeNode& root) const {
  json.begin_object();
  put_members(json, root);
  json.end();
}

}  // namespace hdecomp
