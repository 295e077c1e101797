/// Saliency maps of small nets by hand, and what they refuse, on every device.
#include <gmock/gmock.h>

#include "hdecomp/error.h"
#include "nets/builder.h"
#include "tests/runtime/saliency_testing.h"

namespace hdecomp {
namespace {

using namespace saliency_testing;
using enum SaliencyMethod;

class SaliencyOnDevice : public ::testing::TestWithParam<Device> {
 protected:
  void SetUp() override { op_testing::skip_unless_there(GetParam()); }
};

/// The paper's Eq. 11: with global average pooling and one linear layer the two are one.
TEST_P(SaliencyOnDevice, GradCamIsTheSumOfGapsMapsOnAResNetAndNotOnVGG) {
  const Tensor image = testing_models::noise_image(64);
  SaliencyOptions cam, gap;
  cam.method = grad_cam;
  gap.method = gap_cam;
  Maps resnet(testing_models::slim_model("resnet18", 64), GetParam(), image, 1);
  EXPECT_LE(error_of(resnet.one(4, gap), resnet.one(4, cam)), 1e-6);
  Maps vgg(testing_models::slim_model("vgg16", 64), GetParam(), image, 1);
  EXPECT_GT(error_of(vgg.one(4, gap), vgg.one(4, cam)), 1e-2);
}

TEST_P(SaliencyOnDevice, AReluOfACamIsItsPositivePart) {
  Maps maps(testing_models::slim_model("resnet18", 64), GetParam(), testing_models::noise_image(64),
            1);
  SaliencyOptions options;
  options.method = grad_cam;
  std::vector<float> map = maps.one(4, options);
  options.relu = true;
  for (float& value : map) value = std::max(value, 0.0f);
  EXPECT_EQ(maps.one(4, options), map);
}

/// input (3, 2, 2) -> conv a (2 channels, 1 x 1) with ReLU -> linear s (1 unit, and a second one).
ModelData small_net() {
  GraphBuilder builder("small");
  const int a = builder.conv(builder.input(), "a", 2, {1, 1, 0}, Activation::relu, {});
  builder.linear(a, "s", 2, Activation::none, {});
  ModelData model;
  model.graph = builder.take();
  infer_shapes(model.graph, {3, 2, 2});
  model.graph.stage_ends = {{"a", a}};
  model.layers.resize(3);
  model.layers[1] = {op_testing::floats({2, 3, 1, 1}, {1, -2, 0, 0, 1, 1}),
                     op_testing::floats({2}, {1, -1})};
  model.layers[2] = {op_testing::floats({2, 8}, {1, 2, 0, 1, 3, -1, 0, 2,  //
                                                 -1, 0, 0, 0, 0, 0, 0, 0}),
                     op_testing::floats({2}, {0.5f, 0})};
  return model;
}

Tensor small_image() {
  return op_testing::floats({1, 3, 2, 2}, {2, 1, 0, -1, 1, 0, 3, 1, 1, 2, -1, 4});
}

/// a_0 = x_0 - 2 x_1 + 1 = (1, 2, -5, -2), with ReLU (1, 2, 0, 0); a_1 = x_1 + x_2 - 1 = (1, 1, 1,
/// 4); s_0 = 1 1 + 2 2 + 3 1 - 1 1 + 0 + 2 4 + 0.5 = 15.5.
TEST_P(SaliencyOnDevice, ASmallNetByHand) {
  Maps maps(small_net(), GetParam(), small_image(), 1);
  SaliencyOptions options;
  EXPECT_THAT(maps.one(0, options),
              ::testing::ElementsAre(1, 2, 0, 0, -2 + 3, -4 - 1, 0, 2, 3, -1, 0, 2));
  options.method = gradient_x_input;
  EXPECT_THAT(maps.one(0, options), ::testing::ElementsAre(2, 2, 0, 0, 1, 0, 0, 2, 3, -2, 0, 8));
  options.method = guided;  // the -1 that comes to a_1 ends there
  EXPECT_THAT(maps.one(0, options), ::testing::ElementsAre(1, 2, 0, 0, 1, -4, 0, 2, 3, 0, 0, 2));
  options.method = grad_cam;  // w = (1 + 2 + 0 + 1, 3 - 1 + 0 + 2) / 4: where the ReLU is zero, too
  EXPECT_THAT(maps.one(0, options), ::testing::ElementsAre(2, 3, 1, 4));
  options.method = gap_cam;
  EXPECT_THAT(maps.one(0, options), ::testing::ElementsAre(1 + 3, 4 - 1, 0, 8));
}

/// Of s_0's positive evidence in a: channel 1 with A = (3, -1, 0, 8), channel 0 with (1, 4, 0, 0).
TEST_P(SaliencyOnDevice, ATreeOfOneLevelByHand) {
  Maps maps(small_net(), GetParam(), small_image(), 1);
  SaliencyOptions options;
  options.method = gap;
  options.top = 2;
  const SaliencyMap leaf = maps.of({0}, options).front();
  EXPECT_EQ(leaf.leaves, 2);
  EXPECT_EQ(leaf.paths, 2);
  EXPECT_THAT(leaf.values, ::testing::ElementsAre(0, 1, 0, 0, 0, -2, 0, 1, 0, 0, 0, 1));
  options.sum = GapSum::chain;  // times G: 2 of channel 0 at its peak, 2 of channel 1
  EXPECT_THAT(maps.one(0, options), ::testing::ElementsAre(0, 2, 0, 0, 0, -4, 0, 2, 0, 0, 0, 2));
  options.sum = GapSum::weighted;  // sums of A 5 and 10
  const std::vector<float> weighted = maps.one(0, options);
  EXPECT_NEAR(weighted[1], 1.0 / 3, 1e-6);
  EXPECT_NEAR(weighted[11], 2.0 / 3, 1e-6);
}

/// s_1 = -a_0(0, 0) = -1: no decision of a tree, but a map of every method.
TEST_P(SaliencyOnDevice, AScoreThatIsNotPositiveHasMapsToo) {
  for (size_t m = 0; m < std::size(saliency_methods); ++m) {
    Maps maps(small_net(), GetParam(), small_image(), 2);
    SaliencyOptions options;
    options.method = static_cast<SaliencyMethod>(m);
    const SaliencyMap map = maps.of({1}, options).front();
    EXPECT_TRUE(std::isfinite(largest(map.values))) << saliency_methods[m];
    if (options.method == gap) {
      EXPECT_EQ(map.leaves, 0);  // nothing supports it
    }
  }
}

/// z+ of conv a at (0, 0): x = (2, 1, 1); channel 0: 1 2 + 0 + bias 1 = 3; channel 1: 1 + 1 + 0
/// = 2. R of a there, by epsilon from s_0 = 15.5: channel 0 gets 1, channel 1 gets 3 (a w / s x s).
TEST_P(SaliencyOnDevice, RelevanceByHand) {
  Maps maps(small_net(), GetParam(), small_image(), 1);
  SaliencyOptions options;
  options.method = lrp;
  const auto at_first = [&] {
    const std::vector<float> map = maps.one(0, options);
    return std::vector<float>{map[0], map[4], map[8]};
  };
  const auto near = [](float a, float b, float c) {
    return ::testing::ElementsAre(::testing::FloatNear(a, 1e-5f), ::testing::FloatNear(b, 1e-5f),
                                  ::testing::FloatNear(c, 1e-5f));
  };
  EXPECT_THAT(at_first(), near(2.0f / 3, 1.5f, 1.5f));
  options.rule = LrpRule::epsilon;  // z = 1 and 1
  EXPECT_THAT(at_first(), near(2, -2 + 3, 3));
  options.rule = LrpRule::epsilon_plus_flat;  // 4 in three equal parts
  EXPECT_THAT(at_first(), near(4.0f / 3, 4.0f / 3, 4.0f / 3));
  options.rule = LrpRule::epsilon;
  options.epsilon = 1;  // z's 15.5 and 1 become 16.5 and 2
  const float shrunk = 15.5f / 16.5f;
  EXPECT_THAT(at_first(), near(shrunk, 0.5f * shrunk, 1.5f * shrunk));
}

/// Below zero x- w- counts: at (1, 1) x_0 = -1; with w = -1 it supports.
TEST_P(SaliencyOnDevice, WhatIsNegativeTwiceSupports) {
  ModelData model = small_net();
  model.layers[1].weight.data()[0] = -1;
  Maps maps(std::move(model), GetParam(), small_image(), 1);
  SaliencyOptions options;
  options.method = lrp;
  // a_0(1, 1) = 1 - 2 + 1 = 0: no relevance; a_1 gets 8, from x_1 = 1 and x_2 = 4.
  const std::vector<float> map = maps.one(0, options);
  EXPECT_NEAR(map[3], 0, 1e-5);
  EXPECT_NEAR(map[7], 8.0 / 5, 1e-5);
  EXPECT_NEAR(map[11], 32.0 / 5, 1e-5);
  ModelData other = small_net();
  other.layers[1].weight.data()[0] = -1;
  other.layers[1].bias.data()[0] = 3;  // a_0(1, 1) = 1 - 2 + 3 = 2, z+ = 1 + 3
  Maps more(std::move(other), GetParam(), small_image(), 1);
  EXPECT_NEAR(more.one(0, options)[3], 2 * 1.0 / 4, 1e-5);
}

/// The score is linear between the ends where no ReLU turns: complete, whatever the steps.
TEST_P(SaliencyOnDevice, IntegratedGradientsOfALinearPathAreComplete) {
  ModelData model = small_net();
  for (float& bias : model.layers[1].bias.span()) bias = 100;
  Maps maps(std::move(model), GetParam(), small_image(), 2);
  for (const PathStart start : {PathStart::zero, PathStart::black, PathStart::blur}) {
    maps.forward(copied_to(GetParam(), maps.context, small_image()));
    SaliencyOptions options;
    options.method = integrated_gradients;
    options.samples = 3;
    options.start = start;
    const Completeness ends = maps.of({0}, options).front().completeness;
    EXPECT_NEAR(ends.sum, ends.difference, 1e-3) << static_cast<int>(start);
    // Two pixels to a side are too few to be blurred: that path has no length.
    EXPECT_EQ(ends.difference == 0, start == PathStart::blur);
  }
}

/// Batches of 2, 1, 2 and 1 of both images' 3 samples.
TEST_P(SaliencyOnDevice, SamplesAreToldOfAsTheyAreDoneAndMayBeEnded) {
  for (const SaliencyMethod method : {smoothgrad, integrated_gradients}) {
    Maps maps(testing_models::slim_model("vgg16", 32), GetParam(), two_images(32));
    std::vector<std::pair<int64_t, int64_t>> told;
    SaliencyOptions options;
    options.method = method;
    options.samples = 3;
    options.after_samples = [&](int64_t done, int64_t of) { told.emplace_back(done, of); };
    maps.of({3, 1}, options);
    EXPECT_THAT(told, ::testing::ElementsAre(std::pair(2, 6), std::pair(3, 6), std::pair(5, 6),
                                             std::pair(6, 6)));
    options.after_samples = [](int64_t done, int64_t) {
      if (done >= 3) throw UserError("enough");
    };
    EXPECT_THROW(maps.of({3, 1}, options), UserError);
  }
}

INSTANTIATE_TEST_SUITE_P(, SaliencyOnDevice, ::testing::ValuesIn(op_testing::test_devices()),
                         op_testing::device_name);

TEST(SaliencyOptionsTest, NumbersOutOfRangeAreNamed) {
  const auto refused = [](auto change) {
    SaliencyOptions options;
    change(options);
    try {
      check_saliency(options);
    } catch (const UserError& fault) {
      return std::string(fault.what());
    }
    return std::string();
  };
  EXPECT_THAT(refused([](auto& o) { o.samples = 0; }), ::testing::StartsWith("--samples 0"));
  EXPECT_THAT(refused([](auto& o) { o.noise = -1; }), ::testing::StartsWith("--noise -1"));
  EXPECT_THAT(refused([](auto& o) { o.epsilon = 1e-60; }), ::testing::StartsWith("--epsilon"));
  EXPECT_THAT(refused([](auto& o) { o.top = 0; }), ::testing::StartsWith("--top 0"));
  EXPECT_EQ(refused([](auto&) {}), "");
  EXPECT_THROW(saliency_method("gradiant"), UserError);
  EXPECT_EQ(saliency_method("lrp"), SaliencyMethod::lrp);
}

}  // namespace
}  // namespace hdecomp
