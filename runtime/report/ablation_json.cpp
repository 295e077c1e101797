/// An ablation as JSON: the gAP step's object (tools/TREE_JSON.md) with the drops and correlations.
#include "hdecomp/channel_means.h"
#include "runtime/report/step_members.h"

namespace hdecomp {
namespace {

void put_list(JsonWriter& json, const char* name, std::span<const float> values) {
  json.key(name);
  json.list(values);
}

void put_groups(JsonWriter& json, const std::vector<GroupDrop>& groups) {
  json.key("groups");
  json.begin_array();
  for (const GroupDrop& group : groups) {
    json.begin_object(JsonWriter::Lines::one);
    json.key("channels");
    json.list<int32_t>(group.channels);
    json.field("drop", group.drop);
    json.field("members_drop", group.members_drop);
    json.end();
  }
  json.end();
}

void put_correlations(JsonWriter& json, const Ablation& ablation) {
  json.key("correlations");
  json.begin_object(JsonWriter::Lines::one);
  json.field("contribution", ablation.with_contribution);
  json.field("peak", ablation.with_peak);
  json.field("mean_gradient", ablation.with_mean_gradient);
  json.field("max_gradient", ablation.with_max_gradient);
  json.field("first_order", ablation.with_first_order);
  json.end();
}

void put(JsonWriter& json, const Ablation& ablation) {
  put_format(json, "hdecomp-ablation");
  put_members(json, ablation.gap);
  json.field("fill", to_string(ablation.fill));
  if (ablation.fill == AblationFill::data_set) put_means(json, "means", *ablation.means);
  json.field("method", ablation.method == AblationMethod::fast ? "fast" : "naive");
  json.field("rounding", ablation.rounding);
  json.field("unchanged", ablation.unchanged);
  put_list(json, "drops", ablation.drops);
  put_list(json, "first_order", ablation.first_order);
  if (ablation.gap.decision.step) {
    const Decomposition& step = *ablation.gap.decision.step;
    put_list(json, "mean_gradients", {step.mean_gradient.data(), step.mean_gradient.size()});
    put_list(json, "max_gradients", {step.max_gradient.data(), step.max_gradient.size()});
  }
  if (!ablation.groups.empty()) put_groups(json, ablation.groups);
  put_correlations(json, ablation);
}

}  // namespace

std::string to_json(const Ablation& ablation, int indent) {
  return json_object([&](JsonWriter& json) { put(json, ablation); }, indent);
}

}  // namespace hdecomp
