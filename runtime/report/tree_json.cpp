/// Trees and steps as JSON (tools/TREE_JSON.md).
#include <cmath>

#include "hdecomp/json.h"
#include "runtime/report/json_numbers.h"

namespace hdecomp {
namespace {

using Json = nlohmann::ordered_json;

constexpr int tree_json_version = 1;

Json to_object(const Decomposition& d) {
  Json result{{"layer", d.layer},
              {"height", d.height},
              {"width", d.width},
              {"positive", brief(d.positive)},
              {"total", brief(d.total)},
              {"bias", brief(d.value - d.total)},
              {"chosen_of_positive", brief(d.chosen_of_positive)},
              {"chosen_of_value", brief(d.chosen_of_value)},
              {"contributions", list(d.contribution)},
              {"peaks", list(d.peak)},
              {"positions", d.position}};
  if (d.first_peaks > 0) {
    result["first_peaks"] = brief(d.first_peaks);
    result["extra_peaks"] = brief(d.extra_peaks);
  }
  return result;
}

Json to_object(const TreeNode& node, bool is_root) {
  Json result{{"layer", node.layer}, {"channel", node.channel}, {"y", node.y}, {"x", node.x}};
  if (!is_root) {
    result["contribution"] = brief(node.contribution);
    result["share"] = brief(node.share);
    result["peak"] = brief(node.peak);
  }
  result["value"] = brief(node.value);
  if (!node.members.empty()) result["members"] = node.members;
  if (node.extra_peak > 0) result["extra_peak"] = node.extra_peak;
  if (!node.picture.empty()) result["picture"] = node.picture;
  if (!node.guided_picture.empty()) result["guided_picture"] = node.guided_picture;
  if (node.guided) {
    const GuidedCrop& crop = *node.guided;
    result["receptive_field"] = {crop.y, crop.x, crop.height, crop.width};
  }
  if (node.step) result["decomposition"] = to_object(*node.step);
  result["children"] = Json::array();
  for (const TreeNode& child : node.children) result["children"].push_back(to_object(child, false));
  return result;
}

Json to_object(const ClassScore& score) {
  Json result{{"index", score.index}, {"name", score.name}};
  if (!score.wnid.empty()) result["wnid"] = score.wnid;
  result["score"] = brief(score.score);
  result["probability"] = brief(score.probability);
  return result;
}

Json to_object(const Timings& timings) {
  Json result = Json::object();
  for (const auto& [what, ms] : timings) result[what] = brief(ms);
  return result;
}

std::string dump(const Json& object, int indent) {
  return object.dump(indent, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

std::string to_json(const Tree& tree, int indent) {
  Json result{{"format", "hdecomp-tree"}, {"format_version", tree_json_version}};
  result["layers"] = tree.layers;
  result["top"] = Json::array();
  for (const ClassScore& score : tree.top) result["top"].push_back(to_object(score));
  result["decompositions"] = tree.decompositions;
  result["timings_ms"] = to_object(tree.timings_ms);
  Json root = to_object(tree.root, true);
  root["class"] = tree.decision.name;
  root["probability"] = brief(tree.decision.probability);
  result["root"] = std::move(root);
  return dump(result, indent);
}

std::string to_json(const DecisionStep& step, int indent) {
  Json result{{"format", "hdecomp-step"}, {"format_version", tree_json_version}};
  result["timings_ms"] = to_object(step.timings_ms);
  Json decision = to_object(step.decision, true);
  if (!step.class_name.empty()) decision["class"] = step.class_name;
  result["decision"] = std::move(decision);
  return dump(result, indent);
}

}  // namespace hdecomp
