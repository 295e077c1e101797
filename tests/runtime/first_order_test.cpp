/// First-order drops by hand and against gAP, and which drops rounding alone can make.
#include "runtime/comparison/first_order.h"

#include <gtest/gtest.h>

#include <cmath>

#include "hdecomp/error.h"
#include "nets/builder.h"
#include "nets/op_traits.h"
#include "runtime/ablation/ablation.h"
#include "runtime/ablation/ablation_fills.h"
#include "runtime/tree/gap.h"
#include "tests/support/device_net.h"
#include "tests/support/random_weights.h"

namespace hdecomp {
namespace {

using namespace testing_models;

class FirstOrder : public op_testing::OnDevice {
 protected:
  static Decomposition step(DeviceNet& net, int from, int to, const Neuron& decision) {
    const double value = net.value(from, decision);
    return gap_steps(net.windows, {from, to}, {{decision, value}}).front().decomposition;
  }
};
INSTANTIATE_TEST_SUITE_P(Devices, FirstOrder, ::testing::ValuesIn(op_testing::test_devices()),
                         op_testing::device_name);

/// score = sum of w relu(x) over two channels of 2 x 2.
ModelData relu_by_hand() {
  GraphBuilder net("by_hand");
  const int y = net.conv(net.input(), "y", 2, {1, 1, 0}, Activation::relu, {});
  net.linear(y, "scores", 1, Activation::none, {});
  ModelData model;
  model.graph = net.take();
  infer_shapes(model.graph, {2, 2, 2});
  model.layers.resize(3);
  model.layers[1] = {op_testing::tensor_of(Shape{2, 2, 1, 1}, std::vector<float>{1, 0, 0, 1}),
                     op_testing::tensor_of(Shape{2}, std::vector<float>{0, 0})};
  model.layers[2] = {
      op_testing::tensor_of(Shape{1, 8}, std::vector<float>{2, -1, 3, 1, 1, 1, 1, 1}),
      op_testing::tensor_of(Shape{1}, std::vector<float>{0})};
  return model;
}

TEST_P(FirstOrder, ByHand) {
  DeviceNet net(relu_by_hand(), {GetParam()});
  net.forward(op_testing::tensor_of(Shape{1, 2, 2, 2}, std::vector<float>{4, 2, -3, 1,  //
                                                                          3, 3, 3, -1}));
  const Neuron score{0, 0, 0};
  // G = 2, -1, 0, 1 and 1, 1, 1, 0.
  const Decomposition step = FirstOrder::step(net, 2, 0, score);
  using Floats = std::vector<float>;
  EXPECT_EQ(first_order_drops(step, Floats{0, 0}), (Floats{8 - 2 + 1, 9}));
  // Channel 1: each of the three has the fill's value already.
  EXPECT_EQ(first_order_drops(step, Floats{2, 3}), (Floats{2 * 2 - 0 - 1, 0}));
  EXPECT_EQ(contributions_above(step, Floats{2, 2}), (Floats{3.0f / 4, 3.0f / 4}));
  EXPECT_THROW(first_order_drops(step, Floats{1}), Error);
  // The score's 1 + 8 roundings and the convolution's 1 + 2 of terms of 7 + 9.
  const double bound = 2 * 6 * std::sqrt(12.0) * 0x1p-24 * 16;
  EXPECT_NEAR(rounding_of_drops(net.graph(), 2, 0, step), bound, 1e-6 * bound);
  EXPECT_TRUE(within_rounding(Floats{0, -static_cast<float>(bound / 2)}, bound));
  EXPECT_FALSE(within_rounding(Floats{0, -static_cast<float>(bound * 2)}, bound));
}

/// Every op that computes counts: a slice moves, the others round.
TEST_P(FirstOrder, RoundingsOfEveryOpAreCounted) {
  GraphBuilder net("counted");
  const auto node = [&](Op op, std::vector<int> inputs) {
    Node made;
    made.op = op;
    made.out_channels = 3;  // of a slice
    made.y.size = made.x.size = op == Op::avg_pool ? 2 : 1;
    return net.node(std::move(made), std::move(inputs), traits(op).name, {});
  };
  const int norm = node(Op::layer_norm, {net.input()});              // 2 * 3 + 11
  const int affine = node(Op::affine, {norm});                       // 2
  const int lrn = node(Op::lrn, {affine});                           // 5 + 6
  const int gate = node(Op::activation, {lrn});                      // 10
  const int product = node(Op::mul, {lrn, gate});                    // 1
  const int sloped = node(Op::prelu, {node(Op::slice, {product})});  // 1
  const int pooled = node(Op::avg_pool, {sloped});                   // 4
  net.adaptive_avg_pool(pooled, "mean", 1, {});                      // 3 * 3
  DeviceNet counted(with_random_weights(net.take(), {3, 4, 4}, 6), {GetParam()});
  const Tensor image = op_testing::random_tensor({1, 3, 4, 4}, 1);
  counted.forward(image);
  Decomposition one;
  one.value = one.total = 1;
  one.height = one.width = 1;
  one.contribution = {1};
  const double bound = 2 * 6 * std::sqrt(17.0 + 2 + 11 + 10 + 1 + 1 + 4 + 9) * 0x1p-24;
  EXPECT_NEAR(rounding_of_drops(counted.graph(), counted.graph().scores(), 0, one), bound,
              1e-6 * bound);
}

TEST_P(FirstOrder, TellsRoundingFromEffects) {
  for (const char* arch : {"vgg16", "resnet18", "squeezenet1_1"}) {
    DeviceNet net(slim_model(arch, 98), {GetParam()});
    net.forward(noise_image(98));
    const Graph& graph = net.graph();
    const std::vector<Stage>& stages = graph.stage_ends;
    for (size_t i = 1; i <= stages.size(); ++i) {
      const int from = i < stages.size() ? stages[i].node : graph.scores();
      const int to = stages[i - 1].node;
      const Neuron decision = net.strongest(from);
      const Decomposition step = FirstOrder::step(net, from, to, decision);
      const double rounding = rounding_of_drops(graph, from, to, step);
      for (const AblationFill fill : {AblationFill::mean, AblationFill::zero}) {
        const AblationQuestion plan{from, to, fill};
        const std::vector<float> drops =
            ablation_drops(net.context, *net.model, net.executor, plan, decision);
        // The mean over a map is all that the average pool takes of ResNet's last stage.
        const bool nothing =
            std::string(arch) == "resnet18" && i == stages.size() && fill == AblationFill::mean;
        EXPECT_EQ(within_rounding(drops, rounding), nothing) << arch << " step " << i;
        const std::vector<float> fills = ablation_fills(net.context, net.executor, plan, 0);
        const std::vector<float> first_order = first_order_drops(step, fills);
        if (nothing) {
          EXPECT_EQ(first_order, std::vector<float>(drops.size(), 0.0f));
        }
        const bool constant = std::isnan(pearson(first_order, drops));  // only gates that give way
        if (constant || fill == AblationFill::zero) continue;
        // The estimate for this fill is no worse than gAP's.
        EXPECT_GT(pearson(first_order, drops), pearson(step.contribution, drops) - 0.05)
            << arch << " step " << i;
      }
    }
  }
}

}  // namespace
}  // namespace hdecomp
