/// Layers into steps by their names.
#include "runtime/experiments/randomised_steps.h"

#include <algorithm>

namespace hdecomp {
namespace {

/// "layer4.1" of "layer4.1.conv2"; nothing of a name without dots.
std::string block_of(const std::string& name) {
  const size_t dot = name.rfind('.');
  return dot == std::string::npos ? "" : name.substr(0, dot);
}

std::string unit_of(const std::string& name) {
  if (const std::string block = block_of(name); !block.empty()) return block;
  return name.substr(0, name.find('_'));
}

bool is_shortcut(const std::string& name) { return name.ends_with(".downsample"); }

/// The last step of a layer's block; null if there is none.
RandomisedStep* last_of_block(std::vector<RandomisedStep>& steps, const std::string& name) {
  const auto found = std::find_if(steps.rbegin(), steps.rend(), [&](const RandomisedStep& step) {
    return block_of(step.name) == block_of(name);
  });
  return found == steps.rend() ? nullptr : &*found;
}

std::vector<RandomisedStep> steps_by_layer(const Graph& graph) {
  std::vector<RandomisedStep> steps;
  const auto each = [&](bool shortcuts, auto body) {
    for (size_t i = 0; i < graph.nodes.size(); ++i) {
      const Node& node = graph.nodes[i];
      if (has_weights(node) && is_shortcut(node.name) == shortcuts) {
        body(static_cast<int>(i), node.name);
      }
    }
  };
  each(false, [&](int node, const std::string& name) { steps.push_back({name, {node}}); });
  each(true, [&](int node, const std::string& name) {
    RandomisedStep* step = last_of_block(steps, name);
    if (step == nullptr) step = &steps.emplace_back(RandomisedStep{name, {}});
    step->nodes.push_back(node);
    std::ranges::sort(step->nodes);
  });
  std::ranges::stable_sort(steps, {},
                           [](const RandomisedStep& step) { return step.nodes.front(); });
  return steps;
}

}  // namespace

std::vector<RandomisedStep> randomised_steps(const Graph& graph, RandomiseUnit unit) {
  if (unit == RandomiseUnit::layer) return steps_by_layer(graph);
  std::vector<RandomisedStep> steps;
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    if (!has_weights(graph.nodes[i])) continue;
    const std::string name = unit_of(graph.nodes[i].name);
    auto step = std::ranges::find(steps, name, &RandomisedStep::name);
    if (step == steps.end()) step = steps.insert(steps.end(), {name, {}});
    step->nodes.push_back(static_cast<int>(i));
  }
  return steps;
}

}  // namespace hdecomp
