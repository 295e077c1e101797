/// Reach and surrogates of real trees: against the tree's own numbers, and against a network in
/// which the other channels are constants.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "hdecomp/explainer.h"
#include "hdecomp/json.h"
#include "runtime/report/tree_neurons.h"
#include "tests/support/bundled_photos.h"

namespace hdecomp {
namespace {

using testing_models::bundled_photo;

/// By layer, the channels of a tree's nodes and of those that they stand for.
std::map<std::string, std::set<int32_t>> chosen_of(const Tree& tree) {
  std::map<std::string, std::set<int32_t>> chosen;
  for (const TreeStep& one : distinct_steps(tree.root)) {
    for (const TreeNode& node : one.decision->children()) {
      chosen[node.layer].insert(static_cast<int32_t>(node.channel));
      chosen[node.layer].insert(node.members.begin(), node.members.end());
    }
  }
  return chosen;
}

class TreeLevels : public ::testing::Test {
 protected:
  Model model = Model::bundled("vgg16-slim");

  /// The class with all channels of a layer 0 but these.
  ClassScore with_alone(const Image& photo, const std::string& layer,
                        const std::set<int32_t>& kept) const {
    FilledLayer off{layer, {}, {}};
    for (const LayerInfo& info : model.layers()) {
      if (info.stage != layer) continue;
      for (int32_t k = 0; k < info.channels; ++k) {
        if (kept.contains(k)) continue;
        off.channels.push_back(k);
        off.values.push_back(0);
      }
    }
    return Explainer(model.filled({off}), {"cpu"}).classify(photo, 1).front();
  }
};

TEST_F(TreeLevels, SurrogatesAreTheNetworkWithTheOtherChannelsZero) {
  Explainer explainer(model, {"cpu", 0, 2});
  const std::vector<Image> photos{bundled_photo("portrait.jpg"), bundled_photo("coffee.jpg")};
  ExplainOptions options;
  options.surrogate = true;
  const std::vector<Explained> both = explainer.explain_batch(photos, options);
  std::set<bool> verdicts;
  for (size_t i = 0; i < photos.size(); ++i) {
    const Tree& tree = *both[i].tree;
    const auto chosen = chosen_of(tree);
    ASSERT_EQ(tree.levels.size(), tree.layers.size());
    for (const TreeLevel& level : tree.levels) {
      EXPECT_EQ(level.channels, std::ssize(chosen.at(level.layer)));
      ASSERT_TRUE(level.surrogate);
      const ClassScore expected = with_alone(photos[i], level.layer, chosen.at(level.layer));
      EXPECT_EQ(level.surrogate->decision.index, expected.index);
      EXPECT_NEAR(level.surrogate->decision.score, expected.score, 1e-4);
      EXPECT_NEAR(level.surrogate->decision.probability, expected.probability, 1e-5);
      EXPECT_EQ(level.surrogate->same, expected.index == tree.decision.index);
      if (level.surrogate->same) {
        EXPECT_EQ(level.surrogate->probability, level.surrogate->decision.probability);
      } else {
        EXPECT_LE(level.surrogate->probability, level.surrogate->decision.probability);
      }
      verdicts.insert(level.surrogate->same);
    }
    // Alone it gets what it gets beside the other.
    EXPECT_EQ(to_json(explainer.explain(photos[i], options)).substr(0, 500),
              to_json(tree).substr(0, 500));
    EXPECT_TRUE(tree.timings_ms.contains("surrogate"));
  }
  EXPECT_EQ(verdicts.size(), 2u);  // else one of the two is not tried here
}

TEST_F(TreeLevels, AllChannelsAreTheNetworkAndReachAll) {
  Explainer explainer(model, {"cpu"});
  ExplainOptions options;
  options.surrogate = true;
  options.depth = 1;
  options.top = 128;  // as many as conv5_3 has
  const Tree tree = explainer.explain(bundled_photo("portrait.jpg"), options);
  ASSERT_EQ(tree.levels.size(), 1u);
  EXPECT_NEAR(tree.levels[0].reach, 1, 1e-12);
  EXPECT_LT(tree.levels[0].channels, 128);  // not those against it
}

TEST_F(TreeLevels, TheFirstReachIsWhatTheRootsStepCoversAlsoOfMergedChannelsAndPeaks) {
  Explainer explainer(model, {"cpu"});
  const Image photo = bundled_photo("chelsea.jpg");
  ExplainOptions plain, merged, peaks;
  merged.overlaps = OverlapOptions{0.3, 0.5};
  peaks.peaks = 3;
  bool any_members = false, any_peaks = false;
  for (const ExplainOptions& options : {plain, merged, peaks}) {
    const Tree tree = explainer.explain(photo, options);
    ASSERT_EQ(tree.levels.size(), 5u);
    EXPECT_NEAR(tree.levels[0].reach, tree.root.step->chosen_of_positive, 1e-9);
    EXPECT_FALSE(tree.levels[0].surrogate);
    for (size_t l = 1; l < tree.levels.size(); ++l) {
      EXPECT_GT(tree.levels[l].reach, 0);
      EXPECT_LE(tree.levels[l].reach, tree.levels[l - 1].reach);
    }
    // What the pictures write below the maps is the same.
    const std::vector<std::vector<TreeNeuron>> drawn = neurons_of(tree.root);
    ASSERT_EQ(drawn.size(), tree.levels.size());
    for (size_t l = 0; l < drawn.size(); ++l) {
      double sum = 0;
      for (const TreeNeuron& neuron : drawn[l]) sum += neuron.weight;
      EXPECT_NEAR(sum, tree.levels[l].reach, 1e-9) << l;
    }
    for (const TreeStep& step : distinct_steps(tree.root)) {
      for (const TreeNode& node : step.decision->children()) {
        any_members |= !node.members.empty();
        any_peaks |= node.extra_peak > 0;
      }
    }
  }
  EXPECT_TRUE(any_members);
  EXPECT_TRUE(any_peaks);
}

}  // namespace
}  // namespace hdecomp
