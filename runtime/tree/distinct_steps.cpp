/// A tree's nodes by name, and each of its steps once.
#include <unordered_set>

#include "hdecomp/error.h"
#include "hdecomp/tree.h"

namespace hdecomp {

std::string place_of(const TreeNode& node) {
  return joined(node.layer, ":", node.channel, "@", node.y, ",", node.x);
}

std::string decision_of(const std::string& place) {
  const std::string scores = "scores:";
  if (!place.starts_with(scores)) return place;
  return "class:index:" + place.substr(scores.size(), place.find('@') - scores.size());
}

std::vector<TreeStep> distinct_steps(const TreeNode& root) {
  std::unordered_set<const Decomposition*> met;
  std::vector<TreeStep> steps;
  const auto is_new = [&](const TreeNode& node) {
    return node.step && met.insert(node.step.get()).second;
  };
  if (is_new(root)) steps.push_back({&root, ""});
  for (size_t i = 0; i < steps.size(); ++i) {
    const std::vector<TreeNode>& children = steps[i].decision->children();
    const std::string above = steps[i].path.empty() ? "" : steps[i].path + ".";
    for (size_t k = 0; k < children.size(); ++k) {
      if (is_new(children[k])) steps.push_back({&children[k], joined(above, k)});
    }
  }
  return steps;
}

}  // namespace hdecomp
