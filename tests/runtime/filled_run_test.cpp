/// Channels of several layers filled at once, against ablation of one layer and by what must hold.
#include "runtime/ablation/filled_run.h"

#include <gtest/gtest.h>

#include <cmath>

#include "hdecomp/error.h"
#include "runtime/ablation/ablation.h"
#include "runtime/ablation/ablation_fills.h"
#include "tests/support/device_net.h"

namespace hdecomp {
namespace {

using testing_models::DeviceNet;
using testing_models::Net;
using testing_models::NetOnDevice;
using testing_models::on_test_devices;

class FilledRunOfNet : public NetOnDevice {
 protected:
  struct Filled : DeviceNet {
    Filled(ModelData on_host, const Tensor& image) : DeviceNet(std::move(on_host), {device(), 1}) {
      forward(copied_to(device(), context, image));
    }
    std::vector<float> fills(int layer, AblationFill fill) const {
      return ablation_fills(context, executor, {graph().scores(), layer, fill}, 0);
    }
  };
  static float largest(const std::vector<float>& scores) {
    float most = 0;
    for (const float score : scores) most = std::max(most, std::abs(score));
    return most;
  }
};

TEST_P(FilledRunOfNet, OneLayerIsAblation) {
  Filled net(model(), image());
  const std::vector<ChannelGroup> groups{{0}, {1, 3}, {}, {0, 1, 2, 3}};
  for (const int layer : stages_from_above(net.graph())) {
    for (const AblationFill fill : {AblationFill::zero, AblationFill::mean}) {
      SCOPED_TRACE(net.graph().nodes[layer].name);
      FilledRun run(net.context, net.executor, {layer}, 3);
      std::vector<FilledChannels> items;
      for (const ChannelGroup& group : groups) items.push_back({group});
      const auto scores = run.scores(0, {net.fills(layer, fill)}, items);
      ASSERT_EQ(scores.size(), groups.size());
      const AblationQuestion question{net.graph().scores(), layer, fill, AblationMethod::naive};
      for (int64_t c = 0; c < 3; ++c) {
        const Neuron decision{c, 0, 0, 0};
        const float whole = net.value(net.graph().scores(), decision);
        const std::vector<float> drops =
            group_drops(net.context, *net.model, net.executor, question, decision, groups);
        for (size_t g = 0; g < groups.size(); ++g) {
          // A drop is the difference of two values, of which one is the whole.
          const float scale = std::max(largest(scores[g]), std::abs(whole));
          EXPECT_NEAR(scores[g][c], whole - drops[g], 1e-5 * scale);
        }
      }
    }
  }
}

TEST_P(FilledRunOfNet, AWhollyFilledLayerHidesWhatIsBelow) {
  Filled net(model(), image());
  std::vector<int> layers = stages_from_above(net.graph());
  std::ranges::reverse(layers);
  FilledRun run(net.context, net.executor, layers, 2);
  FilledChannels above(layers.size()), both;
  for (int32_t c = 0; c < net.graph().shapes[layers.back()].channels; ++c)
    above.back().push_back(c);
  both = above;
  both.front() = {0, 2};
  FilledChannels below(layers.size());
  below.front() = {0, 2};
  std::vector<std::vector<float>> fills;
  for (const int layer : layers) fills.push_back(net.fills(layer, AblationFill::zero));
  const std::vector<FilledChannels> items{above, both, below};
  const auto scores = run.scores(0, fills, items);
  EXPECT_EQ(scores[0], scores[1]);
  EXPECT_NE(scores[0], scores[2]);
  EXPECT_EQ(run.scores(0, fills, items), scores);
}

TEST_P(FilledRunOfNet, AChannelThatIsNotThereIsRefused) {
  Filled net(model(), image());
  const int layer = net.graph().stage_ends.back().node;
  FilledRun run(net.context, net.executor, {layer}, 1);
  const std::vector<FilledChannels> items{{{1000000}}};
  EXPECT_THROW(run.scores(0, {net.fills(layer, AblationFill::zero)}, items), Error);
}

INSTANTIATE_TEST_SUITE_P(, FilledRunOfNet,
                         on_test_devices(Net{"vgg16", 64}, Net{"resnet18", 64},
                                         Net{"densenet121", 64}, Net{"resnet18", {64, 96}}),
                         testing_models::net_name);

}  // namespace
}  // namespace hdecomp
