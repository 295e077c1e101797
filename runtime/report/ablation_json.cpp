/// An ablation as JSON: the gAP step's object (tools/TREE_JSON.md) with the drops and correlations.
#include "hdecomp/channel_means.h"
#include "hdecomp/error.h"
#include "hdecomp/json.h"
#include "runtime/report/json_numbers.h"

namespace hdecomp {
namespace {

using Json = nlohmann::ordered_json;

}  // namespace

std::string to_json(const Ablation& ablation, int indent) {
  Json result = Json::parse(to_json(ablation.gap));
  result["format"] = "hdecomp-ablation";
  result["format_version"] = 1;
  result["fill"] = to_string(ablation.fill);
  if (ablation.fill == AblationFill::data_set) {
    result["means"] = {{"sha256", ablation.means->sha256()}, {"images", ablation.means->images()}};
  }
  result["method"] = ablation.method == AblationMethod::fast ? "fast" : "naive";
  result["drops"] = list(ablation.drops);
  if (ablation.gap.decision.step) {
    result["mean_gradients"] = list(ablation.gap.decision.step->mean_gradient);
    result["max_gradients"] = list(ablation.gap.decision.step->max_gradient);
  }
  for (const GroupDrop& group : ablation.groups) {
    result["groups"].push_back(
        {{"channels", group.channels}, {"drop", group.drop}, {"members_drop", group.members_drop}});
  }
  result["correlations"] = {{"contribution", ablation.with_contribution},
                            {"peak", ablation.with_peak},
                            {"mean_gradient", ablation.with_mean_gradient},
                            {"max_gradient", ablation.with_max_gradient}};
  return result.dump(indent, ' ', false, Json::error_handler_t::replace);
}

}  // namespace hdecomp
