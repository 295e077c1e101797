/// Means of channels over images, on every device: plain sums of doubles over the very features.
#include <gtest/gtest.h>

#include "hdecomp/channel_means.h"
#include "runtime/network/network_input.h"
#include "tests/support/device_net.h"
#include "tests/tools/means_testing.h"
#include "weights/file/sha256.h"

namespace hdecomp {
namespace {

using namespace testing_models;

using ChannelSumsOfNet = NetOnDevice;
INSTANTIATE_TEST_SUITE_P(Nets, ChannelSumsOfNet,
                         on_test_devices(Net{"vgg16", 96}, Net{"alexnet", 127},
                                         Net{"resnet18", 96}),
                         net_name);

TEST_P(ChannelSumsOfNet, ArePlainSumsOfDoublesOverTheFeatures) {
  const std::string file = file_testing::temporary_path("_model.h5"),
                    means_file = file_testing::temporary_path(".h5");
  write_model(model(), file);
  const Model loaded = Model::load(file);
  const std::vector<Image> photos = three_photos();
  DeviceNet net(loaded.data(), {device(), 3});
  NetworkInput input(net.context, loaded.preprocess(), 3);
  net.forward(input.of(photos));
  ChannelSums sums(loaded, {to_string(device()), 2, 3});
  EXPECT_EQ(sums.add(photos), (std::vector<std::string>(3)));
  sums.save(means_file, sha256_of_file(file));
  const auto means = ChannelMeans::load(means_file, loaded, sha256_of_file(file));
  EXPECT_EQ(means->images(), 3);
  for (int node = 0; node < net.graph().scores(); ++node) {
    const FeatureShape& shape = net.graph().shapes[node];
    const Tensor features = net.feature(node);
    ASSERT_EQ(std::ssize(means->of(node)), shape.channels);
    for (int64_t k = 0; k < shape.channels; ++k) {
      double total = 0;
      for (int64_t image = 0; image < 3; ++image) {
        const int64_t area = shape.height * shape.width;
        double sum = 0;
        for (const float value :
             features.span().subspan((image * shape.channels + k) * area, area)) {
          sum += value;
        }
        total += sum / static_cast<double>(area);
      }
      ASSERT_EQ(means->of(node)[k], static_cast<float>(total / 3))
          << net.graph().nodes[node].name << " " << k;
    }
  }
  EXPECT_THROW(means->of(net.graph().scores()), Error);
}

}  // namespace
}  // namespace hdecomp
