/// Samples through several networks in turn, which begin where they differ, against each network
/// alone: the same bits.
#include <gtest/gtest.h>

#include "runtime/experiments/randomised_nets.h"
#include "tests/support/device_net.h"

namespace hdecomp {
namespace {

using testing_models::Net;
using testing_models::NetOnDevice;

constexpr int64_t batch = 2, images = 2;

Tensor noise_images(const PixelSize& size) {
  Tensor all({}, {images, 3, size.height, size.width});
  for (int64_t i = 0; i < images; ++i) {
    const Tensor one = testing_models::noise_image(size, 7 + static_cast<uint32_t>(i));
    std::ranges::copy(one.span(), all.data() + i * one.elements());
  }
  return all;
}

void expect_same(const SaliencyMaps& found, const SaliencyMaps& expected) {
  ASSERT_EQ(found.size(), expected.size());
  for (size_t i = 0; i < found.size(); ++i) {
    EXPECT_EQ(found[i].values, expected[i].values);
    EXPECT_EQ(found[i].completeness.sum, expected[i].completeness.sum);
    EXPECT_EQ(found[i].completeness.difference, expected[i].completeness.difference);
    EXPECT_EQ(found[i].leaves, expected[i].leaves);
  }
}

class SaliencyTurnsOfNet : public NetOnDevice {
 protected:
  /// The network as it is, of two classes, and three of its steps.
  void build(RandomiseOrder order) {
    options_.order = order;
    steps_ = randomised_steps(model_->graph, RandomiseUnit::layer);
    if (order != RandomiseOrder::bottom_up) std::ranges::reverse(steps_);
    drawn_.emplace(model_, steps_, options_);
    turns_.clear();
    turns_.push_back({own_.net, classes_});
    turns_.push_back({own_.net, others_, model_->graph.scores() + 1});
    for (size_t k = 0; k < 3; ++k) {
      const size_t s = k * (steps_.size() - 1) / 2;
      nets_.push_back(std::make_unique<OtherNet>(context_, drawn_->of(s), own_.executor));
      turns_.push_back({nets_.back()->net, classes_, drawn_->first_drawn(s)});
    }
  }

  /// One that shares nothing; its last run is of the images.
  std::unique_ptr<OtherNet> alone(size_t turn, const Tensor& inputs) {
    std::shared_ptr<const ModelData> weights = turn < 2 ? model_ : nets_[turn - 2]->model;
    auto net = std::make_unique<OtherNet>(context_, std::move(weights), batch);
    run_inputs(net->net, inputs);
    return net;
  }

  const Context context_{Device{}, 2};
  std::shared_ptr<const ModelData> model_ = std::make_shared<const ModelData>(model());
  OtherNet own_{context_, model_, batch};
  std::vector<int64_t> classes_{3, 1}, others_{0, 2};
  ExperimentOptions options_;
  std::vector<RandomisedStep> steps_;
  std::optional<RandomisedWeights> drawn_;
  std::vector<std::unique_ptr<OtherNet>> nets_;
  std::vector<SaliencyTurn> turns_;
};

TEST_P(SaliencyTurnsOfNet, MapsAreThoseOfEachNetworkAlone) {
  const Tensor inputs = noise_images(net().input_size);
  for (const RandomiseOrder order :
       {RandomiseOrder::top_down, RandomiseOrder::independent, RandomiseOrder::bottom_up}) {
    SCOPED_TRACE(static_cast<int>(order));
    nets_.clear();
    build(order);
    // What a top-down net has in common with the one before is most of it at first, nothing last.
    EXPECT_EQ(turns_.back().first == turns_[2].first, order == RandomiseOrder::bottom_up);
    in_turn(turns_, inputs, [&](size_t t) {
      SaliencyTurn& turn = turns_[t];
      turn.scores = scores_of_run(turn.net, turn.classes);
      const auto other = alone(t, inputs);
      EXPECT_EQ(turn.scores, scores_of_run(other->net, turn.classes));
      for (const SaliencyMethod method :
           {SaliencyMethod::gradient, SaliencyMethod::guided, SaliencyMethod::gap}) {
        const SaliencyOptions question{.method = method};
        expect_same(saliency_maps(turn.net, turn.classes, question),
                    saliency_maps(other->net, turn.classes, question));
      }
    });
    for (const SaliencyMethod method :
         {SaliencyMethod::smoothgrad, SaliencyMethod::integrated_gradients}) {
      const SaliencyOptions question{.method = method, .samples = 3};  // a batch and a half
      const std::vector<SaliencyMaps> found = sampled_maps(turns_, inputs, question);
      ASSERT_EQ(found.size(), turns_.size());
      for (size_t t = 0; t < turns_.size(); ++t) {
        SCOPED_TRACE(t);
        const auto other = alone(t, inputs);
        expect_same(found[t], saliency_maps(other->net, turns_[t].classes, question));
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(, SaliencyTurnsOfNet,
                         testing_models::on_devices({Device{}}, Net{"vgg16_bn", 32},
                                                    Net{"resnet18", 32}, Net{"mobilenet_v2", 32},
                                                    Net{"efficientnet_b0", 32},
                                                    Net{"googlenet", 32}, Net{"densenet121", 32},
                                                    Net{"mobilenet_v3_small", {64, 32}}),
                         testing_models::net_name);

}  // namespace
}  // namespace hdecomp
