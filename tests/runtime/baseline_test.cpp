/// Steps and trees counted from a baseline: by hand, against dense gradients, between devices.
#include <gtest/gtest.h>

#include <cmath>

#include "hdecomp/error.h"
#include "nets/builder.h"
#include "runtime/tree/evidence.h"
#include "tests/support/tree_testing.h"

namespace hdecomp {
namespace {

using namespace testing_models;

std::shared_ptr<const Tensor> means_there(const DeviceNet& net, const std::vector<float>& means) {
  return std::make_shared<const Tensor>(copied_to(
      net.context.device(), net.context, op_testing::tensor_of(Shape{std::ssize(means)}, means)));
}

class BaselineStep : public op_testing::OnDevice {};
INSTANTIATE_TEST_SUITE_P(Devices, BaselineStep, ::testing::ValuesIn(op_testing::test_devices()),
                         op_testing::device_name);

TEST_P(BaselineStep, ByHand) {
  GraphBuilder builder("by_hand");
  const int f = builder.conv(builder.input(), "f", 3, {1, 1, 0}, Activation::relu, {});
  builder.linear(f, "s", 1, Activation::none, {});
  ModelData model;
  model.graph = builder.take();
  infer_shapes(model.graph, {3, 1, 2});
  model.layers.resize(3);
  using Floats = std::vector<float>;
  model.layers[1] = {op_testing::tensor_of(Shape{3, 3, 1, 1}, Floats{1, 0, 0, 0, 1, 0, 0, 0, 1}),
                     op_testing::tensor_of(Shape{3}, Floats{0, 0, 0})};
  model.layers[2] = {op_testing::tensor_of(Shape{1, 6}, Floats{1, 2, -3, 0, 0, 4}),
                     op_testing::tensor_of(Shape{1}, Floats{5})};
  DeviceNet net(std::move(model), {GetParam()});
  net.forward(op_testing::tensor_of(Shape{1, 3, 1, 2}, Floats{2, 3, 1, 1, -1, 6}));
  GapQuestion question{2, 1, 2, true};
  question.baseline = Baseline::mean;  // 2.5, 1 and 3
  const ValuedNeuron score{{0, 0, 0}, net.value(2, {})};
  const GapStep own = gap_steps(net.windows, question, {score}).at(0);
  const Decomposition& d = own.decomposition;
  EXPECT_EQ(d.contribution, (Floats{(-0.5f + 1) / 2, 0, 12 / 2.0f}));
  EXPECT_EQ(d.peak, (Floats{1, 0, 12}));
  EXPECT_EQ(d.position, (std::vector<int32_t>{1, -1, 1}));
  EXPECT_EQ(d.chosen, (std::vector<int32_t>{2, 0}));
  EXPECT_EQ(d.mean_gradient, (Floats{1.5f, -1.5f, 2}));
  // The rest is the bias of 5 and the sum of G * mean: 7.5 - 3 + 12.
  EXPECT_EQ(d.value - d.total, 5 + 16.5);
  EXPECT_EQ(own.maps.at(1)->whole(), (Floats{-0.5f, 1}));
  EXPECT_EQ(evidence(own).at(0).value, 6);

  question.baseline = Baseline::data_set;
  EXPECT_THROW(gap_steps(net.windows, question, {score}), Error);
  question.means = means_there(net, {1, 2, 7});
  const GapStep given = gap_steps(net.windows, question, {score}).at(0);
  EXPECT_EQ(given.decomposition.contribution, (Floats{(1 + 4) / 2.0f, 3 / 2.0f, -4 / 2.0f}));
  EXPECT_EQ(given.decomposition.chosen, (std::vector<int32_t>{0, 1}));
  // Channel 1 speaks against the decision and is weaker than usual at its first place.
  EXPECT_EQ(given.decomposition.position, (std::vector<int32_t>{1, 0, -1}));
  EXPECT_EQ(evidence(given).at(1).value, 1);
}

struct BaselineOfNet : NetOnDevice {};
INSTANTIATE_TEST_SUITE_P(Nets, BaselineOfNet,
                         on_test_devices(Net{"vgg16", 64}, Net{"resnet18", 96}), net_name);

TEST_P(BaselineOfNet, ContributionsAreThoseOfDenseGradients) {
  DeviceNet net(model(), {device()});
  net.forward(image());
  std::vector<int> levels = stages_from_above(net.graph());
  levels.insert(levels.begin(), net.graph().scores());
  for (size_t i = 1; i < levels.size(); ++i) {
    const int from = levels[i - 1], to = levels[i];
    const FeatureShape& shape = net.graph().shapes[to];
    const int64_t area = shape.height * shape.width;
    const Neuron decision = net.strongest(from);
    const Tensor gradient = net.gradient(from, decision, to), feature = net.feature(to);
    for (const Baseline baseline : {Baseline::mean, Baseline::data_set}) {
      GapQuestion question{from, to};
      question.baseline = baseline;
      const std::vector<float> given(shape.channels, 0.3f);
      if (baseline == Baseline::data_set) question.means = means_there(net, given);
      const Decomposition step =
          gap_steps(net.windows, question, {{decision, net.value(from, decision)}})
              .at(0)
              .decomposition;
      std::vector<double> expected;
      double scale = 0;
      for (int64_t c = 0; c < shape.channels; ++c) {
        const float *g = gradient.data() + c * area, *f = feature.data() + c * area;
        double mean = 0, sum = 0, terms = 0;
        for (int64_t k = 0; k < area; ++k) mean += f[k] / static_cast<double>(area);
        if (baseline == Baseline::data_set) mean = given[c];
        for (int64_t k = 0; k < area; ++k) {
          sum += g[k] * (f[k] - mean);
          terms += std::abs(g[k]) * (std::abs(f[k]) + mean);
        }
        expected.push_back(sum / static_cast<double>(area));
        scale = std::max(scale, terms / static_cast<double>(area));
      }
      for (int64_t c = 0; c < shape.channels; ++c) {
        EXPECT_NEAR(step.contribution[c], expected[c], 2e-5 * scale)
            << net.graph().nodes[to].name << ":" << c;
      }
    }
  }
}

TEST_P(BaselineOfNet, NothingIsAboveItsMeanBelowGlobalAveragePooling) {
  DeviceNet net(model(), {device()});
  net.forward(image());
  const int scores = net.graph().scores(), last = stages_from_above(net.graph()).front();
  const Neuron decision = net.strongest(scores);
  GapQuestion question{scores, last};
  question.baseline = Baseline::mean;
  const Decomposition step =
      gap_steps(net.windows, question, {{decision, net.value(scores, decision)}})
          .at(0)
          .decomposition;
  const bool pooled = std::string(net.graph().arch) == "resnet18";
  EXPECT_EQ(step.chosen.empty(), pooled);
  EXPECT_EQ(step.positive == 0, pooled);
  EXPECT_EQ(step.total == 0, pooled);
}

struct BaselineTrees : NetOnDevice {};
INSTANTIATE_TEST_SUITE_P(Nets, BaselineTrees,
                         on_devices(op_testing::other_devices(), Net{"vgg16", 64},
                                    Net{"resnet18", 96}),
                         net_name);

TEST_P(BaselineTrees, AreTheCpusAlsoRecorded) {
  DeviceNet cpu(model(), {Device{}}), other(model(), {device()});
  for (DeviceNet* each : {&cpu, &other}) each->forward(image());
  const std::vector<Neuron> roots = strongest_classes(cpu, 1);
  TreeRecordings recordings(other.windows, 1);
  const auto asked = [](const DeviceNet& net, Baseline baseline) {
    TreeQuestion question = question_of(net.graph(), 2);
    question.baseline = baseline;
    for (const int level : question.levels) {
      if (baseline != Baseline::data_set) break;
      question.means.push_back(
          means_there(net, std::vector<float>(net.graph().shapes[level].channels, 0.2f)));
    }
    return question;
  };
  const TreeQuestion zero = asked(other, Baseline::zero);
  const TreeNode before = recorded_trees(other.windows, zero, roots, recordings).front().root;
  for (const Baseline baseline : {Baseline::mean, Baseline::data_set}) {
    SCOPED_TRACE(to_string(baseline));
    const TreeQuestion question = asked(other, baseline);
    const TreeNode expected = build_trees(cpu.windows, asked(cpu, baseline), roots).front().root;
    for (int run = 0; run < 2; ++run) {  // recorded, replayed
      const TreeNode ours = recorded_trees(other.windows, question, roots, recordings).front().root;
      expect_equal_trees(ours, expected, tree_tolerance);
    }
  }
  expect_equal_trees(recorded_trees(other.windows, zero, roots, recordings).front().root, before,
                     0);
}

}  // namespace
}  // namespace hdecomp
