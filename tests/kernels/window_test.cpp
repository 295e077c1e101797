/// Windows' arithmetic against receptive fields found by brute force.
#include "kernels/core/window.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <tuple>

#include "hdecomp/error.h"
#include "nets/family.h"
#include "runtime/network/receptive_fields.h"
#include "runtime/network/window_executor.h"

namespace hdecomp {
namespace {

/// Rows (or columns, our nets are square) of each node's map that the decision at `position` of
/// `from` depends on, marked one by one through every layer.
std::vector<std::vector<bool>> fields(const Graph& graph, int from, int64_t position) {
  std::vector<std::vector<bool>> marked(graph.nodes.size());
  for (size_t i = 0; i < marked.size(); ++i) marked[i].resize(graph.shapes[i].height, false);
  marked[from][position] = true;
  for (int i = from; i > 0; --i) {
    const Node& node = graph.nodes[i];
    for (const int input : node.inputs) {
      for (int64_t o = 0; o < graph.shapes[i].height; ++o) {
        if (!marked[i][o]) continue;
        const auto size = static_cast<int64_t>(marked[input].size());
        int64_t begin = 0, end = size;
        if (traits(node.op).reach == Reach::kernel) {
          begin = o * node.y.stride - node.y.pad;
          end = begin + node.y.extent();
        } else if (traits(node.op).reach == Reach::cell && size > 1) {  // a gate's is for all cells
          begin = o;
          end = o + 1;
        }
        for (int64_t y = std::max<int64_t>(begin, 0); y < std::min(end, size); ++y) {
          marked[input][y] = true;
        }
      }
    }
  }
  return marked;
}

class WindowOfNet : public ::testing::TestWithParam<const char*> {};

INSTANTIATE_TEST_SUITE_P(Nets, WindowOfNet,
                         ::testing::Values("vgg16", "alexnet", "resnet18", "resnet50",
                                           "squeezenet1_1", "mobilenet_v2", "densenet121",
                                           "mobilenet_v3_small", "shufflenet_v2_x1_0"),
                         [](const auto& net) { return std::string(net.param); });

TEST_P(WindowOfNet, IsTheTrueReceptiveFieldForEveryLayerPair) {
  const Graph graph = build_graph(default_params(GetParam()));
  std::mt19937 random(5);
  int64_t windows = 0, whole = 0;
  // A pool whose extent is rounded up reaches beyond its map; what lies there below, no cell reads.
  const bool rounds_up = std::ranges::any_of(
      graph.nodes, [](const Node& node) { return node.rounding == Rounding::up; });
  for (int from = graph.scores(); from > 0; --from) {
    const int64_t size = graph.shapes[from].height;
    for (const int64_t position : {int64_t{0}, size - 1, static_cast<int64_t>(random() % size)}) {
      const std::vector<std::vector<bool>> marked = fields(graph, from, position);
      for (int to = from - 1; to >= 0; --to) {
        if (!nodes_between(graph, from, to)[from]) continue;
        const Window window = plan_windows(graph, from, to).windows[to];
        const std::vector<bool>& field = marked[to];
        const auto first = std::find(field.begin(), field.end(), true) - field.begin();
        const auto last = field.rend() - std::find(field.rbegin(), field.rend(), true);
        const int64_t map = graph.shapes[to].height;
        ASSERT_EQ(window.y, window.x);
        ++windows;
        if (window.whole()) {  // as large as the map, here or on the way: holds every field
          ASSERT_EQ(window.y.size, map);
          ++whole;
          continue;
        }
        const int64_t begin = window.y.begin(position), end = begin + window.y.size;
        ASSERT_LT(window.y.size, map);
        SCOPED_TRACE(joined(from, " to ", to, " at ", position));
        ASSERT_LE(std::max<int64_t>(begin, 0), first);
        ASSERT_GE(std::min(end, map), last);
        if (rounds_up) continue;
        ASSERT_EQ(std::max<int64_t>(begin, 0), first);
        ASSERT_EQ(std::min(end, map), last);
      }
    }
  }
  EXPECT_GT(windows, whole);
}

/// Also where the window of some layer on the way is as large as its map.
TEST_P(WindowOfNet, ReceptiveFieldsAreTheTrueOnes) {
  const Graph graph = build_graph(default_params(GetParam()));
  const bool rounds_up = std::ranges::any_of(
      graph.nodes, [](const Node& node) { return node.rounding == Rounding::up; });
  int64_t parts = 0, parts_of_whole = 0;
  for (int from = graph.scores(); from > 0; --from) {
    const ReceptiveFields all(graph, from);
    const bool whole = plan_windows(graph, from, 0).windows[0].whole();
    const int64_t size = graph.shapes[from].height, side = graph.shapes[0].height;
    for (const int64_t position : {int64_t{0}, size / 2, size - 1}) {
      const std::vector<bool> field = fields(graph, from, position)[0];
      const auto first = std::find(field.begin(), field.end(), true) - field.begin();
      const auto last = field.rend() - std::find(field.rbegin(), field.rend(), true);
      const PixelRectangle found = all.at(position, position);
      SCOPED_TRACE(joined(from, " at ", position));
      ASSERT_EQ(std::tuple(found.x, found.width), std::tuple(found.y, found.height));
      ASSERT_LE(found.y, first);
      ASSERT_GE(found.y + found.height, last);
      parts += found.height < side ? 1 : 0;
      parts_of_whole += whole && found.height < side ? 1 : 0;
      if (rounds_up) continue;
      ASSERT_EQ(found.y, first);
      ASSERT_EQ(found.y + found.height, last);
    }
  }
  EXPECT_GT(parts, 0);
  // Its last stage's fields are larger than the input, but not those of a corner.
  EXPECT_TRUE(parts_of_whole > 0 || std::string(GetParam()) != "resnet18");
}

TEST(Window, CaseByHand) {
  // Position 5 of a 14 x 14 map, a 3x3 convolution, a 2x2 pool of stride 2, a 3x3 convolution.
  Window window = window_at_decision(14, 14);
  window = window_below(window, WindowKernel{3, 1, 1}, 14, 14);
  EXPECT_EQ(window.y.begin(5), 4);
  EXPECT_EQ(window.y.size, 3);
  window = window_below(window, WindowKernel{2, 2, 0}, 28, 28);
  EXPECT_EQ(window.x.begin(5), 8);
  EXPECT_EQ(window.x.size, 6);
  window = window_below(window, WindowKernel{3, 1, 1}, 28, 28);
  EXPECT_EQ(window.y.begin(5), 7);
  EXPECT_EQ(window.y.begin(0), -3);  // leaves the map at the border
  EXPECT_EQ(window.area(), 64);
  EXPECT_FALSE(window.whole());
  EXPECT_TRUE(window_below(window, WindowKernel{21, 1, 10}, 28, 28).whole());  // 28 of 28
  EXPECT_TRUE(window_below(window, WindowKernel{21, 1, 10}, 28, 28).whole());
  EXPECT_EQ(window_below(window, WindowKernel{20, 1, 10}, 28, 28).y.size, 27);
}

TEST(Window, BranchesUniteInTheSmallestRectangle) {
  const Window decision = window_at_decision(20, 20);
  const Window branch = window_below(decision, WindowKernel{3, 1, 1}, 20, 20);
  EXPECT_EQ(united(decision, branch), branch);
  EXPECT_EQ(united(branch, decision), branch);
  const Window left = window_below(decision, WindowKernel{2, 1, 2}, 20, 20);    // [-2, 0)
  const Window right = window_below(decision, WindowKernel{1, 1, -3}, 20, 20);  // [3, 4)
  const Window both = united(left, right);
  EXPECT_EQ(both.y.begin(0), -2);
  EXPECT_EQ(both.y.size, 6);
  EXPECT_TRUE(united(branch, whole_window(20, 20)).whole());
  const Window strided = window_below(window_at_decision(10, 10), WindowKernel{1, 2, 0}, 20, 20);
  EXPECT_TRUE(united(branch, strided).whole());  // they move apart from decision to decision
  EXPECT_TRUE(window_at_decision(1, 1).whole());
}

}  // namespace
}  // namespace hdecomp
