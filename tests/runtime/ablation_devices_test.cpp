/// Exact ablation on other devices against the CPU's, and in 16 bits against float32.
#include <gtest/gtest.h>

#include <cmath>

#include "tests/runtime/ablation_testing.h"

namespace hdecomp {
namespace {

using namespace testing_models;

using enum AblationMethod;
using enum AblationFill;

/// A device's drops against the CPU's.
struct AblationElsewhere : NetOnDevice {};
INSTANTIATE_TEST_SUITE_P(Nets, AblationElsewhere,
                         on_devices(op_testing::other_devices(), Net{"vgg16", 96},
                                    Net{"alexnet", 127}, Net{"resnet18", 96}, Net{"resnet50", 96}),
                         net_name);

TEST_P(AblationElsewhere, EqualsTheCpusFromStageToStage) {
  DeviceNet cpu(model(), {}), other(model(), {device()});
  for (DeviceNet* each : {&cpu, &other}) each->forward(image());
  const std::vector<Stage>& stages = cpu.graph().stage_ends;
  for (size_t i = 1; i <= stages.size(); ++i) {
    const int from = i < stages.size() ? stages[i].node : cpu.graph().scores();
    const Neuron decision = cpu.strongest(from);
    for (const AblationMethod method : {fast, naive}) {
      const AblationQuestion plan{from, stages[i - 1].node, i % 2 == 0 ? mean : zero, method};
      const std::vector<float> ours = drops(other, plan, decision);
      const std::vector<float> expected = drops(cpu, plan, decision);
      ASSERT_EQ(ours.size(), expected.size());
      double largest = cpu.value(from, decision), difference = 0;
      for (size_t k = 0; k < ours.size(); ++k) {
        largest = std::max<double>(largest, std::abs(expected[k]));
        difference = std::max<double>(difference, std::abs(ours[k] - expected[k]));
      }
      EXPECT_LE(difference, 1e-5 * largest) << "step " << i;
      EXPECT_EQ(drops(other, plan, decision), ours);  // the same bits again
    }
  }
}

/// Of the strongest class and of class 0, whose weights lie where the layer's begin.
std::vector<float> drops_of_two_classes(const DeviceNet& net) {
  const int scores = net.graph().scores(), last = net.graph().stage_ends.back().node;
  std::vector<float> all = drops(net, {scores, last, zero}, net.strongest(scores));
  for (const float drop : drops(net, {scores, last, zero}, {0, 0, 0})) all.push_back(drop);
  return all;
}

struct NarrowAblation : NetOnDevice {};
INSTANTIATE_TEST_SUITE_P(Nets, NarrowAblation,
                         on_devices(op_testing::other_devices(), Net{"vgg16", 96},
                                    Net{"resnet18", 96}),
                         net_name);

TEST_P(NarrowAblation, StaysNear) {
  DeviceNet strict(model(), {device()});
  strict.forward(image());
  const std::vector<float> expected = drops_of_two_classes(strict);
  const int scores = strict.graph().scores();
  const double value = strict.value(scores, strict.strongest(scores));
  for (const Precision precision : {Precision::bf16, Precision::fp16}) {
    DeviceNet net(model(), {.device = device(), .precision = precision});
    net.forward(image());
    const Tensor before = net.feature(scores);
    const std::vector<float> ours = drops_of_two_classes(net);
    // Of the roundings to 8 or 11 bits in some 16 layers at most half go one way.
    const double bound = 8 * (precision == Precision::bf16 ? 0x1p-8 : 0x1p-11) * value;
    ASSERT_EQ(ours.size(), expected.size());
    for (size_t k = 0; k < ours.size(); ++k) EXPECT_NEAR(ours[k], expected[k], bound) << k;
    EXPECT_NE(ours, expected);
    net.forward(image());  // finds its weights' copies as they were
    EXPECT_TRUE(op_testing::same_bits(net.feature(scores), before));
  }
}

}  // namespace
}  // namespace hdecomp
