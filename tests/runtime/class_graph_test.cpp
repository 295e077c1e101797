/// Reach, a tree's edges and class graphs: by hand, and against walks over every path of trees.
#include "hdecomp/class_graph.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <map>
#include <random>

#include "hdecomp/error.h"

namespace hdecomp {
namespace {

using ::testing::DoubleNear;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::ThrowsMessage;

struct HandNode {
  int64_t channel;
  float alpha;
  std::shared_ptr<const Decomposition> step = {};
};

/// A step into `layer` of 8 channels with these chosen, and `rest` of alpha in channel 7.
std::shared_ptr<Decomposition> hand_step(const std::string& layer,
                                         const std::vector<HandNode>& nodes, float rest = 0) {
  auto step = std::make_shared<Decomposition>();
  std::vector<float> alphas(8);
  std::vector<int32_t> chosen;
  alphas[7] = rest;
  step->positive = rest;
  for (const HandNode& node : nodes) {
    alphas[node.channel] = node.alpha;
    step->positive += node.alpha;
    chosen.push_back(static_cast<int32_t>(node.channel));
    TreeNode made;
    made.layer = layer;
    made.channel = node.channel;
    made.contribution = node.alpha;
    made.peak = node.alpha;
    made.step = node.step;
    step->evidence.push_back(made);
  }
  for (TreeNode& node : step->evidence) node.share = node.contribution / step->positive;
  step->layer = layer;
  step->contribution = std::move(alphas);
  step->chosen = std::move(chosen);
  return step;
}

TreeNode hand_root(std::shared_ptr<const Decomposition> step, int64_t of = 5) {
  TreeNode root;
  root.layer = "scores";
  root.channel = of;
  root.step = std::move(step);
  return root;
}

/// Class 5 by 2 (half) and 3 (a quarter); 2 by 1 (0.75), 3 by 1 and 4 (0.5 and 0.25).
TreeNode two_levels() {
  return hand_root(hand_step(
      "high",
      {{2, 4, hand_step("low", {{1, 3}}, 1)}, {3, 2, hand_step("low", {{1, 2}, {4, 1}}, 1)}}, 2));
}

auto edge_is(int32_t above, int32_t below, double weight) {
  return ::testing::AllOf(::testing::Field(&TreeEdge::above, above),
                          ::testing::Field(&TreeEdge::below, below),
                          ::testing::Field(&TreeEdge::weight, DoubleNear(weight, 1e-12)));
}

auto graph_edge_is(int32_t above, int32_t below, int64_t trees, double weight) {
  return ::testing::AllOf(::testing::Field(&GraphEdge::above, above),
                          ::testing::Field(&GraphEdge::below, below),
                          ::testing::Field(&GraphEdge::trees, trees),
                          ::testing::Field(&GraphEdge::weight, DoubleNear(weight, 1e-12)));
}

auto graph_node_is(int32_t channel, int64_t trees, double weight) {
  return ::testing::AllOf(::testing::Field(&GraphNode::channel, channel),
                          ::testing::Field(&GraphNode::trees, trees),
                          ::testing::Field(&GraphNode::weight, DoubleNear(weight, 1e-12)));
}

TEST(Reach, ByHand) {
  const std::vector<TreeLevel> levels = levels_below(two_levels());
  ASSERT_EQ(levels.size(), 2u);
  EXPECT_EQ(levels[0].layer, "high");
  EXPECT_EQ(levels[0].channels, 2);
  EXPECT_NEAR(levels[0].reach, 0.75, 1e-12);
  EXPECT_EQ(levels[1].layer, "low");
  EXPECT_EQ(levels[1].channels, 2);  // 1 below both, and 4
  EXPECT_NEAR(levels[1].reach, 0.5 * 0.75 + 0.25 * 0.75, 1e-12);
}

TEST(Reach, NothingChosenIsNoLevel) {
  EXPECT_THAT(levels_below(hand_root(nullptr)), IsEmpty());
  EXPECT_THAT(levels_below(hand_root(hand_step("high", {}, 0))), IsEmpty());
  EXPECT_THAT(tree_edges(hand_root(nullptr)), IsEmpty());
  EXPECT_THAT(tree_edges(hand_root(hand_step("high", {}, 0))), IsEmpty());
}

TEST(Reach, AMergedNodeHasItsMembersShares) {
  const auto step = hand_step("high", {{2, 4}}, 2);  // channel 7: 2
  step->evidence.front().members = {7};
  const std::vector<TreeLevel> levels = levels_below(hand_root(step));
  ASSERT_EQ(levels.size(), 1u);
  EXPECT_NEAR(levels[0].reach, 1, 1e-12);
  EXPECT_EQ(levels[0].channels, 2);
  EXPECT_THAT(tree_edges(hand_root(step)), ElementsAre(ElementsAre(edge_is(5, 2, 1))));
}

TEST(Reach, PeaksDivideWhatTheirChannelHas) {
  const auto step = hand_step("high", {{2, 4, hand_step("low", {{1, 1}})}, {3, 2}}, 2);
  TreeNode second = step->evidence.front();  // half as high, and nothing below is chosen
  second.extra_peak = 1;
  second.peak /= 2;
  second.y = 1;
  second.step = nullptr;
  step->evidence.insert(step->evidence.begin() + 1, second);
  const std::vector<TreeLevel> levels = levels_below(hand_root(step));
  ASSERT_EQ(levels.size(), 2u);
  EXPECT_NEAR(levels[0].reach, 0.75, 1e-12);
  EXPECT_NEAR(levels[1].reach, 0.5 * 2 / 3, 1e-12);
  EXPECT_THAT(tree_edges(hand_root(step))[0], ElementsAre(edge_is(5, 2, 0.5), edge_is(5, 3, 0.25)));
}

TEST(TreeEdges, ByHand) {
  EXPECT_THAT(
      tree_edges(two_levels()),
      ElementsAre(ElementsAre(edge_is(5, 2, 0.5), edge_is(5, 3, 0.25)),
                  ElementsAre(edge_is(2, 1, 0.375), edge_is(3, 1, 0.125), edge_is(3, 4, 0.0625))));
}

/// Adds a walk's products up, path by path.
void walk(const TreeNode& node, double weight, size_t level,
          std::vector<std::map<std::pair<int64_t, int64_t>, double>>& sums) {
  for (const TreeNode& child : node.children()) {
    if (sums.size() <= level) sums.resize(level + 1);
    sums[level][{node.channel, child.channel}] += weight * child.share;
    walk(child, weight * child.share, level + 1, sums);
  }
}

/// Steps of a level, of which several decisions share one.
TreeNode random_tree(std::mt19937& random) {
  std::uniform_real_distribution<float> alpha(0.1f, 1);
  std::vector<std::shared_ptr<const Decomposition>> below(6);
  for (const char* layer : {"c", "b", "a"}) {
    std::vector<std::shared_ptr<const Decomposition>> steps;
    for (int i = 0; i < 6; ++i) {
      std::vector<HandNode> nodes;
      for (int64_t channel = 0; channel < 6; ++channel) {
        if (random() % 2 == 0) nodes.push_back({channel, alpha(random), below[channel]});
      }
      steps.push_back(hand_step(layer, nodes, alpha(random)));
    }
    below = std::move(steps);
  }
  return hand_root(below.front());
}

TEST(TreeEdges, AreTheSumsOverAllPaths) {
  std::mt19937 random(3);
  for (int round = 0; round < 20; ++round) {
    const TreeNode root = random_tree(random);
    std::vector<std::map<std::pair<int64_t, int64_t>, double>> sums;
    walk(root, 1, 0, sums);
    const TreeEdges edges = tree_edges(root);
    const std::vector<TreeLevel> levels = levels_below(root);
    ASSERT_EQ(edges.size(), sums.size());
    ASSERT_EQ(levels.size(), sums.size());
    for (size_t l = 0; l < sums.size(); ++l) {
      ASSERT_EQ(edges[l].size(), sums[l].size());
      double reach = 0;
      size_t i = 0;
      for (const auto& [ends, weight] : sums[l]) {
        EXPECT_THAT(edges[l][i++], edge_is(static_cast<int32_t>(ends.first),
                                           static_cast<int32_t>(ends.second), weight));
        reach += weight;
      }
      EXPECT_NEAR(levels[l].reach, reach, 1e-12);
    }
  }
}

/// Four trees of class 5: the edges of two of them agree in part, two have none.
ClassGraph four_trees() {
  ClassGraphSum sum({"high", "low"});
  sum.add({{{5, 2, 0.5}, {5, 3, 0.25}}, {{2, 1, 0.375}, {2, 4, 0.125}, {3, 1, 0.125}}});
  sum.add({{{5, 2, 0.25}}, {{2, 4, 0.25}}});
  sum.add({});
  sum.add({});
  return sum.graph(5);
}

TEST(ClassGraphs, AddTreesUp) {
  const ClassGraph graph = four_trees();
  EXPECT_EQ(graph.of, 5);
  EXPECT_EQ(graph.trees, 4);
  ASSERT_EQ(graph.levels.size(), 2u);
  const GraphLevel &high = graph.levels[0], &low = graph.levels[1];
  EXPECT_EQ(high.layer, "high");
  EXPECT_THAT(high.edges,
              ElementsAre(graph_edge_is(5, 2, 2, 0.75 / 4), graph_edge_is(5, 3, 1, 0.25 / 4)));
  EXPECT_THAT(high.nodes,
              ElementsAre(graph_node_is(2, 2, 0.75 / 4), graph_node_is(3, 1, 0.25 / 4)));
  EXPECT_NEAR(high.reach, 0.25, 1e-12);
  // A channel under two others is in one tree once; of equal weights the lower first.
  EXPECT_THAT(low.edges,
              ElementsAre(graph_edge_is(2, 1, 1, 0.375 / 4), graph_edge_is(2, 4, 2, 0.375 / 4),
                          graph_edge_is(3, 1, 1, 0.125 / 4)));
  EXPECT_THAT(low.nodes, ElementsAre(graph_node_is(1, 1, 0.5 / 4), graph_node_is(4, 2, 0.375 / 4)));
}

TEST(ClassGraphs, OfOneTreeAndOfNone) {
  ClassGraphSum sum({"high", "low"});
  const ClassGraph none = sum.graph(0);
  EXPECT_EQ(none.trees, 0);
  EXPECT_THAT(none.levels.front().edges, IsEmpty());
  EXPECT_EQ(pruned(none, 0.5).levels.front().held, 1);
  sum.add(tree_edges(two_levels()));
  const ClassGraph one = sum.graph(5);
  EXPECT_THAT(one.levels[1].edges,
              ElementsAre(graph_edge_is(2, 1, 1, 0.375), graph_edge_is(3, 1, 1, 0.125),
                          graph_edge_is(3, 4, 1, 0.0625)));
  EXPECT_NEAR(one.levels[1].reach, levels_below(two_levels())[1].reach, 1e-12);
  EXPECT_THROW(sum.add({{}, {}, {}}), Error);
}

TEST(ClassGraphs, PrunedHoldTheShareOfEachLevelWithTheFewestEdges) {
  ClassGraphSum sum({"high", "low"});
  sum.add({{{5, 1, 0.125}, {5, 2, 0.5}, {5, 3, 0.25}, {5, 4, 0.125}},
           {{1, 0, 0.125}, {2, 0, 0.25}, {2, 6, 0.125}, {3, 6, 0.125}}});
  const ClassGraph graph = sum.graph(5);
  const auto kept = [&](double share, size_t level) {
    std::vector<std::pair<int32_t, int32_t>> ends;
    const ClassGraph left = pruned(graph, share);
    for (const GraphEdge& edge : left.levels[level].edges) {
      ends.emplace_back(edge.above, edge.below);
    }
    return ends;
  };
  using Ends = std::pair<int32_t, int32_t>;
  EXPECT_THAT(kept(0.5, 0), ElementsAre(Ends(5, 2)));  // exactly half
  EXPECT_THAT(kept(0.5, 1), ElementsAre(Ends(2, 0)));  // of what is below 2 alone
  EXPECT_THAT(kept(0.51, 0), ElementsAre(Ends(5, 2), Ends(5, 3)));
  // Of equal edges the first, and no more of them than are needed.
  EXPECT_THAT(kept(0.8, 0), ElementsAre(Ends(5, 2), Ends(5, 3), Ends(5, 1)));
  EXPECT_THAT(kept(1e-9, 0), ElementsAre(Ends(5, 2)));
  const ClassGraph half = pruned(graph, 0.5);
  EXPECT_THAT(half.levels[0].nodes, ElementsAre(graph_node_is(2, 1, 0.5)));
  // Of all weight that reaches the level; the channel's own numbers are those of all its edges.
  EXPECT_NEAR(half.levels[1].held, 0.25 / 0.625, 1e-12);
  EXPECT_NEAR(half.levels[1].reach, 0.625, 1e-12);
  EXPECT_THAT(half.levels[1].nodes, ElementsAre(graph_node_is(0, 1, 0.375)));
}

TEST(ClassGraphs, AShareOfOneKeepsAll) {
  std::mt19937 random(4);
  ClassGraphSum sum({"a", "b", "c"});
  for (int tree = 0; tree < 9; ++tree) sum.add(tree_edges(random_tree(random)));
  const ClassGraph all = sum.graph(5), kept = pruned(all, 1);
  for (size_t l = 0; l < 3; ++l) {
    EXPECT_EQ(kept.levels[l].edges.size(), all.levels[l].edges.size());
    EXPECT_EQ(kept.levels[l].nodes.size(), all.levels[l].nodes.size());
    EXPECT_EQ(kept.levels[l].held, 1);
    const ClassGraph most = pruned(all, 0.8);
    EXPECT_LT(most.levels[l].edges.size(), all.levels[l].edges.size());
  }
}

TEST(ClassGraphs, RefuseAShareThatIsNone) {
  for (const double share : {0.0, -0.1, 1.01, std::numeric_limits<double>::quiet_NaN()}) {
    EXPECT_THAT([&] { pruned(four_trees(), share); },
                ThrowsMessage<UserError>(::testing::StartsWith("--share ")));
  }
}

}  // namespace
}  // namespace hdecomp
