/// gAP steps and the tree of evidence, on every device.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "hdecomp/error.h"
#include "nets/builder.h"
#include "runtime/tree/evidence.h"
#include "tests/support/tree_testing.h"

namespace hdecomp {
namespace {

using namespace testing_models;
using op_testing::device_name;
using op_testing::test_devices;

/// Image (3, 1, 2) -> 1x1 convolution "f" of three channels -> ReLU -> linear "scores".
ModelData two_layers() {
  GraphBuilder net("by_hand");
  const int f = net.conv(net.input(), "f", 3, {1, 1, 0}, Activation::relu, {});
  net.linear(f, "s", 1, Activation::none, {});
  ModelData model;
  model.graph = net.take();
  infer_shapes(model.graph, {3, 1, 2});
  model.layers.resize(3);
  model.layers[1] = {Tensor(Device{}, {3, 3, 1, 1}), Tensor(Device{}, {3})};
  model.layers[2] = {Tensor(Device{}, {1, 6}), Tensor(Device{}, {1})};
  std::ranges::fill(model.layers[1].weight.span(), 0.0f);
  std::ranges::fill(model.layers[1].bias.span(), 0.0f);
  std::ranges::fill(model.layers[2].bias.span(), 0.0f);
  for (int c = 0; c < 3; ++c) model.layers[1].weight.data()[c * 3 + c] = 1;  // F = relu(image)
  return model;
}

class GapStepTest : public op_testing::OnDevice {};
INSTANTIATE_TEST_SUITE_P(Devices, GapStepTest, ::testing::ValuesIn(test_devices()), device_name);

TEST_P(GapStepTest, CaseByHand) {
  ModelData model = two_layers();
  // Score = 5 + 1 F(0,0,0) + 2 F(0,0,1) - 3 F(1,0,0) + 4 F(2,0,1)
  std::ranges::copy(std::vector<float>{1, 2, -3, 0, 0, 4}, model.layers[2].weight.data());
  model.layers[2].bias.data()[0] = 5;
  Tensor image(Device{}, {1, 3, 1, 2});
  std::ranges::copy(std::vector<float>{2, 3, 1, 1, -1, 6}, image.data());
  DeviceNet net(std::move(model), {GetParam()});
  net.forward(image);
  const GapStep step =
      gap_steps(net.windows, {2, 1, 2, true}, {{{0, 0, 0}, net.value(2, {})}}).at(0);
  const Decomposition& d = step.decomposition;
  EXPECT_EQ(d.value, 5 + 2 + 6 - 3 + 24);
  EXPECT_EQ(d.contribution, (std::vector<float>{(2 + 6) / 2.0f, -3 / 2.0f, 24 / 2.0f}));  // Eq. 4
  EXPECT_EQ(d.peak, (std::vector<float>{6, 0, 24}));
  EXPECT_EQ(d.position, (std::vector<int32_t>{1, -1, 1}));  // A of channel 1 is (-3, 0): no peak
  EXPECT_EQ(d.chosen, (std::vector<int32_t>{2, 0}));
  EXPECT_EQ(d.mean_gradient, (std::vector<float>{1.5f, -1.5f, 2}));
  EXPECT_EQ(d.max_gradient, (std::vector<float>{2, 0, 4}));
  EXPECT_EQ(d.total, 29);  // the bias of 5 is the rest
  EXPECT_EQ(d.positive, 16);
  EXPECT_EQ(d.chosen_of_positive, 1);
  EXPECT_DOUBLE_EQ(d.chosen_of_value, 32.0 / 34.0);
  ASSERT_EQ(step.maps.size(), 2u);
  EXPECT_EQ(step.maps[0]->whole(), (std::vector<float>{0, 24}));  // Eq. 3
  EXPECT_EQ(step.maps[1]->whole(), (std::vector<float>{2, 6}));

  const std::vector<TreeNode> nodes = evidence(step);
  ASSERT_EQ(nodes.size(), 2u);
  EXPECT_EQ(nodes[0].channel, 2);
  EXPECT_EQ(nodes[0].x, 1);  // Eq. 5
  EXPECT_EQ(nodes[0].value, 6);
  EXPECT_EQ(nodes[0].share, 12.0 / 16);
}

TEST_P(GapStepTest, NoSupportWhereEveryContributionIsNegative) {
  ModelData model = two_layers();
  std::ranges::fill(model.layers[2].weight.span(), -1.0f);
  model.layers[2].bias.data()[0] = 100;
  Tensor image(Device{}, {1, 3, 1, 2});
  std::ranges::fill(image.span(), 1.0f);
  DeviceNet net(std::move(model), {GetParam()});
  net.forward(image);
  const GapStep step =
      gap_steps(net.windows, {2, 1, 3, false}, {{{0, 0, 0}, net.value(2, {})}}).at(0);
  EXPECT_TRUE(step.decomposition.chosen.empty());
  EXPECT_EQ(step.decomposition.positive, 0);
  EXPECT_EQ(step.decomposition.chosen_of_positive, 0);
  EXPECT_EQ(step.decomposition.position, (std::vector<int32_t>{-1, -1, -1}));
}

class TreeTest : public op_testing::OnDevice {
 protected:
  /// All levels of the strongest class of slim VGG-16.
  static BuiltTree grown(int top, double cover = 0) {
    DeviceNet net(slim_model("vgg16", 64), {GetParam()});
    net.forward(noise_image(64));
    TreeQuestion question = question_of(net.graph(), top);
    question.cover = cover;
    return build_trees(net.windows, question, strongest_classes(net, 1)).front();
  }
};
INSTANTIATE_TEST_SUITE_P(Devices, TreeTest, ::testing::ValuesIn(test_devices()), device_name);

TEST_P(TreeTest, EveryLevelFollowsTheOneAbove) {
  const BuiltTree tree = grown(3);
  int64_t count = 0;
  visit(tree.root, [&](const TreeNode& node) {
    ++count;
    ASSERT_EQ(node.step != nullptr, node.layer != "conv1_2");
    if (!node.step) return;
    ASSERT_EQ(node.children().size(), node.step->chosen.size());
    EXPECT_LE(node.children().size(), 3u);
    EXPECT_FLOAT_EQ(static_cast<float>(node.step->value), static_cast<float>(node.value));
    double before = 1e30;
    for (const TreeNode& child : node.children()) {
      EXPECT_EQ(child.layer, node.step->layer);
      EXPECT_GT(child.contribution, 0);
      EXPECT_GT(child.peak, 0);
      EXPECT_GT(child.value, 0);
      EXPECT_LE(child.contribution, before);
      EXPECT_EQ(child.contribution, node.step->contribution[child.channel]);
      before = child.contribution;
    }
  });
  EXPECT_EQ(tree.root.layer, "scores");
  EXPECT_GT(count, 100);
}

TEST_P(TreeTest, CoverageTakesAsFewChannelsAsReachTheShare) {
  const BuiltTree tree = grown(5, 0.25);
  int64_t fewer = 0;
  visit(tree.root, [&](const TreeNode& node) {
    if (!node.step) return;
    const Decomposition& step = *node.step;
    ASSERT_EQ(node.children().size(), step.chosen.size());
    double covered = 0;
    for (size_t i = 0; i < step.chosen.size(); ++i) {
      EXPECT_LT(covered, 0.25 * step.positive * (1 + 1e-12));
      covered += step.contribution[step.chosen[i]];
    }
    if (step.chosen.size() == 5 || step.positive == 0) return;
    ++fewer;
    EXPECT_GE(covered, 0.25 * step.positive * (1 - 1e-12));
  });
  EXPECT_GT(fewer, 3);
}

TEST_P(TreeTest, ANeuronMetTwiceIsDecomposedOnceAndReportedAlike) {
  const BuiltTree tree = grown(8);
  std::map<std::tuple<std::string, int64_t, int64_t, int64_t>, const Decomposition*> seen;
  int64_t met = 0;
  visit(tree.root, [&](const TreeNode& node) {
    if (!node.step) return;
    ++met;
    const auto [entry, fresh] =
        seen.try_emplace({node.layer, node.channel, node.y, node.x}, node.step.get());
    EXPECT_EQ(entry->second, node.step.get());
  });
  EXPECT_EQ(static_cast<int64_t>(seen.size()), tree.decompositions);
  EXPECT_GT(met, tree.decompositions);  // the case does arise
}

TEST_P(TreeTest, AFeatureThatIsNotPositiveEndsItsBranch) {
  // Features of the image may be negative; with a negative weight A is positive all the same.
  ModelData model = two_layers();
  std::ranges::copy(std::vector<float>{-1, 0, 0, 0, 0, 0}, model.layers[2].weight.data());
  model.graph.nodes[1].activation = Activation::none;
  Tensor image(Device{}, {1, 3, 1, 2});
  std::ranges::fill(image.span(), -2.0f);
  DeviceNet net(std::move(model), {GetParam()});
  net.forward(image);
  const BuiltTree tree = build_trees(net.windows, {2, {1, 0}, 3, false}, {{0, 0, 0}}).front();
  ASSERT_EQ(tree.root.children().size(), 1u);
  EXPECT_EQ(tree.root.children()[0].value, -2);
  EXPECT_EQ(tree.root.children()[0].step, nullptr);
  EXPECT_EQ(tree.decompositions, 1);
}

}  // namespace
}  // namespace hdecomp
