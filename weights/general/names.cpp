/// Layer names that are short, unique and safe to print.
#include "weights/general/names.h"

#include <algorithm>
#include <map>
#include <set>

#include "nets/op_traits.h"

namespace hdecomp::general {
namespace {

constexpr size_t longest = 120;

bool is_printable(const std::string& name) {
  return !name.empty() && name.size() <= longest &&
         std::ranges::all_of(name, [](char c) { return c > ' ' && c < 0x7f; });
}

/// A name may stand in a model file's path and is not mistaken for a number.
bool is_short_name(const std::string& name) {
  const bool letters = std::ranges::any_of(
      name, [](char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; });
  return is_printable(name) && letters && name.size() < 40 && name != "input" && name != "scores" &&
         name.find('/') == std::string::npos;
}

std::string kind_of(const Node& node) {
  switch (node.op) {
    case Op::linear:
      return "fc";
    case Op::max_pool:
      return "pool";
    case Op::adaptive_avg_pool:
      return "mean";
    case Op::activation:
      return "act";
    case Op::affine:
      return "norm";
    default:
      return traits(node.op).name;
  }
}

}  // namespace

void add_name(Node& node, const std::string& name) {
  constexpr size_t most_names = 8;
  auto& names = node.torchvision;
  if (!is_printable(name) || names.size() >= most_names) return;
  if (std::ranges::find(names, name) == names.end()) names.push_back(name);
}

void name_nodes(Graph& graph) {
  std::set<std::string> taken{"input", "scores"};
  std::map<std::string, int> counts;
  for (size_t i = 1; i < graph.nodes.size(); ++i) {
    Node& node = graph.nodes[i];
    node.name.clear();
    if (!has_weights(node) || node.torchvision.empty()) continue;
    const std::string& stem = node.torchvision[0];
    if (is_short_name(stem) && taken.insert(stem).second) node.name = stem;
  }
  for (size_t i = 1; i < graph.nodes.size(); ++i) {
    Node& node = graph.nodes[i];
    if (!node.name.empty()) continue;
    do {
      node.name = kind_of(node) + std::to_string(++counts[kind_of(node)]);
    } while (!taken.insert(node.name).second);
  }
  for (Node& node : graph.nodes) std::erase(node.torchvision, node.name);
}

}  // namespace hdecomp::general
