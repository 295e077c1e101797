/// Overlapping channels and further peaks: by hand, and in trees.
#include "runtime/tree/overlap.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "hdecomp/error.h"
#include "tests/support/device_net.h"
#include "tests/support/tree_testing.h"

namespace hdecomp {
namespace {

using namespace testing_models;
using ::testing::ElementsAre;

/// Channels 7, 3, 5, 1 by falling contribution, on a 1 x 5 map.
GapStep four_channels() {
  GapStep step;
  step.decomposition.chosen = {7, 3, 5, 1};
  const std::vector<std::vector<float>> maps{{4, 4, 4, 4, 0},   // a mask of four cells
                                             {1, 0, 0, 0, 9},   // another place
                                             {2, 2, 2, 0, 0},   // three of the first's four
                                             {0, 0, 0, 0, 1}};  // the second's
  for (const std::vector<float>& map : maps) {
    step.maps.push_back(std::make_shared<const ActivationMap>(map, 1, 5));
  }
  return step;
}

std::vector<std::vector<int32_t>> groups(double iou, double threshold) {
  std::vector<std::vector<int32_t>> result;
  for (const OverlapGroup& group : merge_overlaps(four_channels(), {iou, threshold})) {
    result.push_back(group.channels);
  }
  return result;
}

TEST(Overlaps, ByHand) {
  EXPECT_THAT(groups(0.9, 0.5), ElementsAre(ElementsAre(7), ElementsAre(3, 1), ElementsAre(5)));
  EXPECT_THAT(groups(0.7, 0.5), ElementsAre(ElementsAre(7, 5), ElementsAre(3, 1)));
  // 3 of 4 is not more than 0.75; identical masks are not more than 1.
  EXPECT_THAT(groups(0.75, 0.5), ElementsAre(ElementsAre(7), ElementsAre(3, 1), ElementsAre(5)));
  EXPECT_THAT(groups(1, 0.5),
              ElementsAre(ElementsAre(7), ElementsAre(3), ElementsAre(5), ElementsAre(1)));
  // With all that is positive as the mask, the second channel has two cells, one of them the
  // first's.
  EXPECT_THAT(groups(0.19, 0), ElementsAre(ElementsAre(7, 3, 5), ElementsAre(1)));
  EXPECT_THAT(shared_masks(four_channels(), {0.9, 0.5}), ElementsAre(ElementsAre(3, 1)));
  EXPECT_THROW(check_overlaps({1.1, 0.5}), UserError);
  EXPECT_THROW(check_overlaps({0.9, 1}), UserError);
  EXPECT_NO_THROW(check_overlaps({0, 0}));
}

struct RefinedTrees : ::testing::Test {
  RefinedTrees() : net(slim_model("vgg16", 96), {}) {
    net.forward(noise_image(96));
    question = question_of(net.graph(), 3);
  }
  TreeNode tree() {
    return build_trees(net.windows, question, {net.strongest(question.from)})[0].root;
  }

  DeviceNet net;
  TreeQuestion question;
};

void expect_same(const TreeNode& a, const TreeNode& b) {
  EXPECT_EQ(a.layer, b.layer);
  EXPECT_EQ(std::tie(a.channel, a.y, a.x), std::tie(b.channel, b.y, b.x));
  EXPECT_EQ(std::tie(a.contribution, a.share, a.peak, a.value),
            std::tie(b.contribution, b.share, b.peak, b.value));
  if (a.map || b.map) {
    EXPECT_EQ(a.map->whole(), b.map->whole());
  }
  if (a.step) {
    EXPECT_EQ(a.step->chosen_of_positive, b.step->chosen_of_positive);
    EXPECT_EQ(a.step->chosen_of_value, b.step->chosen_of_value);
  }
  ASSERT_EQ(a.children().size(), b.children().size());
  for (size_t i = 0; i < a.children().size(); ++i) expect_same(a.children()[i], b.children()[i]);
}

TEST_F(RefinedTrees, WithNothingToMergeAreThePlainOnes) {
  const TreeNode plain = tree();
  question.overlaps = OverlapOptions{1, 0.5};
  expect_same(tree(), plain);
}

void expect_members_apart(const TreeNode& node, int64_t& members) {
  std::vector<int64_t> channels;
  for (const TreeNode& child : node.children()) {
    channels.push_back(child.channel);
    for (const int32_t member : child.members) {
      channels.push_back(member);
      EXPECT_LE(node.step->contribution[member], child.contribution);
      ++members;
    }
    expect_members_apart(child, members);
  }
  double covered = 0;
  for (const int64_t k : channels) covered += node.step->contribution[k];
  if (node.step) {
    EXPECT_NEAR(node.step->chosen_of_positive, covered / node.step->positive, 1e-12);
  }
  std::ranges::sort(channels);
  EXPECT_EQ(std::ranges::adjacent_find(channels), channels.end());
}

TEST_F(RefinedTrees, MembersStandOnceAndTheirFirstContributesMost) {
  question.overlaps = OverlapOptions{0.2, 0};
  int64_t members = 0;
  expect_members_apart(tree(), members);
  EXPECT_GT(members, 10);
}

void expect_peaks_apart(const DeviceNet& net, const TreeNode& node, size_t level,
                        const std::vector<Window>& windows, int64_t& extra) {
  for (size_t i = 1; i < node.children().size(); ++i) {
    const TreeNode& child = node.children()[i];
    if (child.extra_peak == 0) continue;
    ++extra;
    const float at = child.map->at(child.y, child.x);
    EXPECT_EQ(child.peak, at);
    EXPECT_GT(at, 0);
    for (int back = 1; back <= child.extra_peak; ++back) {
      const TreeNode& other = node.children()[i - back];
      EXPECT_EQ(other.channel, child.channel);
      EXPECT_LE(child.peak, other.peak);
      const Window& window = windows[level];
      const int64_t dy = std::abs(window.y.begin(child.y) - window.y.begin(other.y));
      const int64_t dx = std::abs(window.x.begin(child.x) - window.x.begin(other.x));
      EXPECT_TRUE(dy >= window.y.size || dx >= window.x.size);
    }
  }
  for (const TreeNode& child : node.children()) {
    if (child.step) expect_peaks_apart(net, child, level + 1, windows, extra);
  }
}

TEST_F(RefinedTrees, FurtherPeaksAreApartByAReceptiveField) {
  const TreeNode plain = tree();
  question.peaks = 3;
  std::vector<Window> windows;
  for (size_t i = 0; i < question.levels.size(); ++i) {
    const int below = i + 1 < question.levels.size() ? question.levels[i + 1] : 0;
    windows.push_back(net.windows.plan(question.levels[i], below).windows[below]);
  }
  const TreeNode root = tree();
  int64_t extra = 0;
  expect_peaks_apart(net, root, 0, windows, extra);
  EXPECT_GT(extra, 20);
  // The first peaks are those of the plain tree.
  for (size_t i = 0, p = 0; i < root.children().size(); ++i) {
    if (root.children()[i].extra_peak > 0) continue;
    EXPECT_EQ(root.children()[i].channel, plain.children().at(p).channel);
    EXPECT_EQ(root.children()[i].peak, plain.children().at(p++).peak);
  }
  EXPECT_GT(root.step->first_peaks, 0);
  EXPECT_LT(root.step->first_peaks + root.step->extra_peaks, 1 + 1e-6);
}

}  // namespace
}  // namespace hdecomp
