/// ClassGraph: the trees of many images of one class, added up. Its nodes are channels of a stage,
/// its edges say how often and how strongly one supports the other. Pure data; no network is
/// needed.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "hdecomp/export.h"
#include "hdecomp/tree.h"

namespace hdecomp {

/// In one tree: a channel of a level under one of the level above (of the first level: under the
/// class index).
struct TreeEdge {
  int32_t above = 0, below = 0;
  // The sum, over the level's nodes of `below` under decisions of `above`, of the product of the
  // shares from the class down to the node: what TreeLevel::reach is the sum of.
  double weight = 0;
};

/// By level from above, each rising by (above, below), none twice.
using TreeEdges = std::vector<std::vector<TreeEdge>>;

/// The edges of the tree below `root`. A node that stands for others that it overlaps has their
/// shares too, and is one edge, its own channel's.
HDECOMP_API TreeEdges tree_edges(const TreeNode& root);

/// Means are over all trees of the class: one that does not have it counts as 0.
struct GraphNode {
  int32_t channel = 0;
  int64_t trees = 0;  // that have it on this level
  double weight = 0;  // mean; of all its edges from above
};
struct GraphEdge {
  int32_t above = 0, below = 0;
  int64_t trees = 0;
  double weight = 0;
};

struct GraphLevel {
  std::string layer;
  double reach = 0;  // mean of the trees' TreeLevel::reach: the sum of all edges' weights
  double held = 1;   // the share of it that the edges here hold: below 1 of a pruned graph
  std::vector<GraphNode> nodes;  // by falling weight, ties to the lower channel
  std::vector<GraphEdge> edges;  // by falling weight, ties to the lower `above`, then `below`
};

struct ClassGraph {
  int64_t of = 0;     // the class index
  int64_t trees = 0;  // that were added
  std::vector<GraphLevel> levels;
};

/// Adds trees of one class up, in the order in which they come.
class HDECOMP_API ClassGraphSum {
 public:
  /// `layers`: the levels, from above.
  explicit ClassGraphSum(std::vector<std::string> layers);

  /// One more tree, which may end above the last level. Throws Error for one of more levels.
  void add(const TreeEdges& tree);
  /// So far.
  ClassGraph graph(int64_t of) const;

 private:
  struct Sum {
    int64_t trees = 0;
    double weight = 0;
  };
  struct Level {
    std::string layer;
    std::map<std::pair<int32_t, int32_t>, Sum> edges;
    std::map<int32_t, Sum> nodes;
  };
  std::vector<Level> levels_;
  int64_t trees_ = 0;
};

/// The same graph with its strongest edges. Level by level from above: of the edges from channels
/// that are left (on the first level: from the class) the fewest, in their order, that hold at
/// least `share` of the weight of all of these; of equal ones the first. Channels that no edge
/// leads to are gone; numbers of those left stay what they were. A share of 1 keeps all. Throws
/// UserError for a share that is not above 0 and at most 1.
HDECOMP_API ClassGraph pruned(const ClassGraph& graph, double share);
/// Each of them so.
HDECOMP_API std::vector<ClassGraph> all_pruned(std::vector<ClassGraph> graphs, double share);

}  // namespace hdecomp
