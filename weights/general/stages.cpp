/// A stage ends before the map falls, at a node that every path passes.
#include "weights/general/stages.h"

#include <algorithm>

#include "nets/op_traits.h"

namespace hdecomp::general {
namespace {

/// The nodes that every path from the image to the scores passes, first to last.
std::vector<int> nodes_on_all_paths(const Graph& graph) {
  std::vector<int> passed;
  int furthest = 0;  // the last reader of any node so far
  std::vector<int> last_reader(graph.nodes.size(), 0);
  for (int i = 0; i <= graph.scores(); ++i) {
    for (const int input : graph.nodes[i].inputs) last_reader[input] = i;
  }
  for (int i = 0; i <= graph.scores(); ++i) {
    if (furthest <= i) passed.push_back(i);
    furthest = std::max(furthest, last_reader[i]);
  }
  return passed;
}

bool is_pool(const Node& node) {
  return node.op == Op::max_pool || node.op == Op::avg_pool || node.op == Op::adaptive_avg_pool;
}

bool falls(const FeatureShape& from, const FeatureShape& to) {
  return 3 * to.height <= 2 * from.height || 3 * to.width <= 2 * from.width;
}

/// A last map of one channel per class is scores already, if no weights come behind it.
bool holds_scores(const Graph& graph, int at) {
  if (graph.shapes[at].channels != graph.shapes.back().channels) return false;
  return std::none_of(graph.nodes.begin() + at + 1, graph.nodes.end(), has_weights);
}

/// The last position up to `at` that is no pool; 0 where there is none but the image.
size_t before_pools(const Graph& graph, const std::vector<int>& path, size_t at) {
  while (at > 0 && is_pool(graph.nodes[path[at]])) --at;
  return at;
}

}  // namespace

std::vector<Stage> find_stages(const Graph& graph) {
  const std::vector<int> path = nodes_on_all_paths(graph);
  std::vector<int> ends;
  for (size_t k = 0; k + 1 < path.size(); ++k) {
    const FeatureShape &here = graph.shapes[path[k]], &next = graph.shapes[path[k + 1]];
    if (here.height * here.width == 1 || !falls(here, next)) continue;
    size_t end = before_pools(graph, path, k);
    // All maps behind the image may have a channel per class; then the last one is taken.
    size_t above_scores = end;
    while (above_scores > 0 && holds_scores(graph, path[above_scores])) --above_scores;
    above_scores = before_pools(graph, path, above_scores);
    if (above_scores > 0) end = above_scores;
    if (path[end] > 0 && (ends.empty() || path[end] > ends.back())) ends.push_back(path[end]);
  }
  const size_t top = before_pools(graph, path, path.size() - 1);
  if (!graph.has_scores && path[top] > 0 && (ends.empty() || path[top] > ends.back())) {
    ends.push_back(path[top]);
  }
  std::vector<Stage> stages;
  for (const int end : ends) stages.push_back({graph.nodes[end].name, end});
  return stages;
}

}  // namespace hdecomp::general
