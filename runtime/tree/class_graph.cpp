/// Trees of one class added up, and the strongest part of the sum.
#include "hdecomp/class_graph.h"

#include <algorithm>
#include <set>

#include "hdecomp/error.h"
#include "runtime/tree/path_weights.h"

namespace hdecomp {
namespace {

/// By falling weight; what has the same stays in order.
template <class Part>
void strongest_first(std::vector<Part>& parts) {
  std::ranges::stable_sort(parts, std::ranges::greater(), &Part::weight);
}

double sum_of(const std::vector<GraphEdge>& edges) {
  double sum = 0;
  for (const GraphEdge& edge : edges) sum += edge.weight;
  return sum;
}

}  // namespace

TreeEdges tree_edges(const TreeNode& root) {
  TreeEdges levels;
  if (!root.step) return levels;
  for (std::vector<WeighedDecision> decisions{{&root, 1}}; !decisions.empty();
       decisions = decisions_below(decisions)) {
    std::map<std::pair<int32_t, int32_t>, double> weights;
    for (const WeighedDecision& decision : decisions) {
      const std::vector<double> shares = shares_of(*decision.node->step);
      const std::vector<TreeNode>& nodes = decision.node->children();
      for (size_t i = 0; i < nodes.size(); ++i) {
        weights[{static_cast<int32_t>(decision.node->channel),
                 static_cast<int32_t>(nodes[i].channel)}] += decision.weight * shares[i];
      }
    }
    if (weights.empty()) break;
    std::vector<TreeEdge>& edges = levels.emplace_back();
    for (const auto& [ends, weight] : weights) edges.push_back({ends.first, ends.second, weight});
  }
  return levels;
}

ClassGraphSum::ClassGraphSum(std::vector<std::string> layers) {
  for (std::string& layer : layers) levels_.push_back({std::move(layer), {}, {}});
}

void ClassGraphSum::add(const TreeEdges& tree) {
  if (tree.size() > levels_.size()) {
    throw Error(joined("a tree of ", tree.size(), " levels, the graph has ", levels_.size()));
  }
  ++trees_;
  for (size_t l = 0; l < tree.size(); ++l) {
    std::set<int32_t> met;
    for (const TreeEdge& edge : tree[l]) {
      Sum &sum = levels_[l].edges[{edge.above, edge.below}], &node = levels_[l].nodes[edge.below];
      ++sum.trees;
      sum.weight += edge.weight;
      if (met.insert(edge.below).second) ++node.trees;
      node.weight += edge.weight;
    }
  }
}

ClassGraph ClassGraphSum::graph(int64_t of) const {
  ClassGraph graph{of, trees_, {}};
  const double trees = trees_ > 0 ? static_cast<double>(trees_) : 1;
  for (const Level& level : levels_) {
    GraphLevel& made = graph.levels.emplace_back();
    made.layer = level.layer;
    for (const auto& [channel, sum] : level.nodes) {
      made.nodes.push_back({channel, sum.trees, sum.weight / trees});
    }
    for (const auto& [ends, sum] : level.edges) {
      made.edges.push_back({ends.first, ends.second, sum.trees, sum.weight / trees});
    }
    strongest_first(made.nodes);
    strongest_first(made.edges);
    made.reach = sum_of(made.edges);
  }
  return graph;
}

ClassGraph pruned(const ClassGraph& graph, double share) {
  if (!(share > 0 && share <= 1)) {
    throw UserError(joined("--share ", share, ": give a share of a level's weight, above 0, to 1"));
  }
  ClassGraph left{graph.of, graph.trees, {}};
  std::set<int32_t> above{static_cast<int32_t>(graph.of)};
  for (const GraphLevel& level : graph.levels) {
    GraphLevel& kept = left.levels.emplace_back(GraphLevel{level.layer, level.reach, 1, {}, {}});
    for (const GraphEdge& edge : level.edges) {
      if (above.contains(edge.above)) kept.edges.push_back(edge);
    }
    if (share < 1) {
      const double enough = share * sum_of(kept.edges);
      double sum = 0;
      size_t count = 0;
      while (count < kept.edges.size() && sum < enough) sum += kept.edges[count++].weight;
      kept.edges.resize(count);
    }
    above.clear();
    for (const GraphEdge& edge : kept.edges) above.insert(edge.below);
    for (const GraphNode& node : level.nodes) {
      if (above.contains(node.channel)) kept.nodes.push_back(node);
    }
    const double all = sum_of(level.edges);
    kept.held = all > 0 ? sum_of(kept.edges) / all : 1;
  }
  return left;
}

std::vector<ClassGraph> all_pruned(std::vector<ClassGraph> graphs, double share) {
  for (ClassGraph& graph : graphs) graph = pruned(graph, share);
  return graphs;
}

}  // namespace hdecomp
