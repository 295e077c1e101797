/// Ablation of several channels together.
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "hdecomp/error.h"
#include "nets/layer_names.h"
#include "runtime/ablation/ablation.h"
#include "tests/support/device_net.h"

namespace hdecomp {
namespace {

using namespace testing_models;

std::vector<float> drops(const DeviceNet& net, AblationQuestion plan, const Neuron& decision,
                         const std::vector<ChannelGroup>& groups, AblationMethod method) {
  plan.method = method;
  return group_drops(net.context, *net.model, net.executor, plan, decision, groups);
}

/// Every channel alone, then the first half, then all.
std::vector<ChannelGroup> groups_of(int64_t channels) {
  std::vector<ChannelGroup> groups;
  for (int32_t k = 0; k < channels; ++k) groups.push_back({k});
  ChannelGroup all(channels);
  std::iota(all.begin(), all.end(), 0);
  groups.emplace_back(all.begin(), all.begin() + channels / 2);
  groups.push_back(all);
  return groups;
}

class AblationGroups : public op_testing::OnDevice {};
INSTANTIATE_TEST_SUITE_P(Devices, AblationGroups, ::testing::ValuesIn(op_testing::test_devices()),
                         op_testing::device_name);

TEST_P(AblationGroups, FastEqualsNaiveAndSinglesAreTheChannelsOwnDrops) {
  // Zero for ResNet: its global average pooling takes the mean of its last stage anyway.
  for (const auto& [arch, fill] :
       {std::pair{"vgg16", AblationFill::mean}, {"resnet18", AblationFill::zero}}) {
    DeviceNet net(slim_model(arch, 96), {GetParam()});
    net.forward(noise_image(96));
    const std::vector<Stage>& stages = net.graph().stage_ends;
    for (size_t i = 1; i <= stages.size(); ++i) {
      const int from = i < stages.size() ? stages[i].node : net.graph().scores();
      const AblationQuestion plan{from, stages[i - 1].node, fill};
      const Neuron decision = net.strongest(from);
      const double scale = std::abs(net.value(from, decision));
      const std::vector<float> alone =
          ablation_drops(net.context, *net.model, net.executor, plan, decision);
      const auto groups = groups_of(std::ssize(alone));
      const auto fast = drops(net, plan, decision, groups, AblationMethod::fast);
      const auto naive = drops(net, plan, decision, groups, AblationMethod::naive);
      ASSERT_EQ(fast.size(), groups.size());
      double largest = scale;
      for (const float drop : naive) largest = std::max<double>(largest, std::abs(drop));
      for (size_t g = 0; g < fast.size(); ++g) {
        EXPECT_NEAR(fast[g], naive[g], 1e-5 * largest) << arch << " step " << i << " group " << g;
        if (g < alone.size()) {
          EXPECT_NEAR(fast[g], alone[g], 1e-5 * largest) << arch << " step " << i;
        }
      }
      // All channels together are another question than the first alone.
      EXPECT_GT(std::abs(fast.back() - fast.front()), 1e-3 * scale) << arch << " step " << i;
    }
  }
}

TEST_P(AblationGroups, AllChannelsOfTheImageAtZeroLeaveTheBiases) {
  DeviceNet net(slim_model("vgg16", 96), {GetParam()});
  net.forward(noise_image(96));
  const int scores = net.graph().scores();
  const Neuron decision = net.strongest(scores);
  const double whole = net.value(scores, decision);
  const auto drop =
      drops(net, {scores, 0, AblationFill::zero}, decision, {{0, 1, 2}}, AblationMethod::fast);
  net.forward(op_testing::tensor_of(Shape{1, 3, 96, 96}, std::vector<float>(3 * 96 * 96)));
  EXPECT_NEAR(drop.at(0), whole - net.value(scores, decision), 1e-5 * std::abs(whole));
}

TEST_P(AblationGroups, RefusesAChannelThatIsNotThere) {
  DeviceNet net(slim_model("vgg16", 96), {GetParam()});
  net.forward(noise_image(96));
  const int scores = net.graph().scores();
  EXPECT_THROW(drops(net, {scores, 0}, {}, {{3}}, AblationMethod::fast), Error);
  EXPECT_THROW(drops(net, {scores, 0}, {}, {{-1}}, AblationMethod::naive), Error);
  EXPECT_TRUE(drops(net, {scores, 0}, {}, {}, AblationMethod::fast).empty());
}

}  // namespace
}  // namespace hdecomp
