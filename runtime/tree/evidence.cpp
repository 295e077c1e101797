/// A chosen channel is a node, and each further peak of it one more.
#include "runtime/tree/evidence.h"

#include <algorithm>

namespace hdecomp {

void measure_coverage(Decomposition& d, std::span<const int32_t> channels) {
  const double area = static_cast<double>(d.height * d.width);  // Z
  double all = 0, chosen = 0;
  d.positive = 0;
  for (const float alpha : d.contribution) {
    all += alpha;
    d.positive += std::max(alpha, 0.0f);
  }
  for (const int32_t channel : channels) chosen += d.contribution[channel];
  d.total = all * area;
  d.chosen_of_positive = d.positive > 0 ? chosen / d.positive : 0;
  d.chosen_of_value = chosen * area / d.value;
}

std::vector<TreeNode> evidence(const GapStep& step) {
  const Decomposition& d = step.decomposition;
  const auto share = [&](double contribution) {
    return d.positive > 0 ? contribution / d.positive : 0;
  };
  const double area = static_cast<double>(d.height * d.width);
  std::vector<TreeNode> nodes;
  auto extra = step.extra.begin();
  for (size_t i = 0; i < d.chosen.size(); ++i) {
    const int32_t channel = d.chosen[i];
    TreeNode node;
    node.layer = d.layer;
    node.channel = channel;
    node.y = d.position[channel] / d.width;
    node.x = d.position[channel] % d.width;
    node.contribution = d.contribution[channel];
    node.share = share(node.contribution);
    node.peak = d.peak[channel];
    node.value = step.values[i];
    if (!step.members.empty()) node.members = step.members[i];
    if (!step.maps.empty()) node.map = step.maps[i];
    nodes.push_back(node);
    node.members.clear();
    for (; extra != step.extra.end() && extra->place == i; ++extra) {
      ++node.extra_peak;
      node.y = extra->neuron.y;
      node.x = extra->neuron.x;
      node.peak = extra->peak;
      node.contribution = node.peak / area;
      node.share = share(node.contribution);
      node.value = extra->value;
      nodes.push_back(node);
    }
  }
  return nodes;
}

}  // namespace hdecomp
