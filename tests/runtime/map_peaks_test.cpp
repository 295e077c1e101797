/// Peaks of maps as the plan keeps them, on every device: the first largest value, row by row.
#include "runtime/network/map_peaks.h"

#include <gtest/gtest.h>
#include <dnnl.hpp>

#include <algorithm>

#include "runtime/network/network_input.h"
#include "tests/support/device_net.h"
#include "tests/tools/means_testing.h"

namespace hdecomp {
namespace {

using namespace testing_models;

bool has(dnnl_cpu_isa_t isa) { return (dnnl_get_effective_cpu_isa() & isa) == isa; }

using MapPeaksOfNet = NetOnDevice;
INSTANTIATE_TEST_SUITE_P(Nets, MapPeaksOfNet,
                         on_test_devices(Net{"vgg16", 96}, Net{"alexnet", 127},
                                         Net{"resnet18", 96}),
                         net_name);

TEST_P(MapPeaksOfNet, AreTheFirstLargestValues) {
  const std::string file = file_testing::temporary_path("_model.h5");
  write_model(model(), file);
  const Model loaded = Model::load(file);
  DeviceNet net(loaded.data(), {device(), 3});
  NetworkInput input(net.context, loaded.preprocess(), 3);
  net.forward(input.of(three_photos()));
  int64_t ties = 0, side_by_side = 0;
  for (int node = 1; node < net.graph().scores(); ++node) {
    side_by_side += net.executor.plan().side_by_side(node) > 0 ? 1 : 0;
    for (int64_t image = 0; image < 3; ++image) {
      const std::vector<MapPeak> peaks = map_peaks(net.context, net.executor, node, image);
      const FeatureShape& shape = net.graph().shapes[node];
      ASSERT_EQ(std::ssize(peaks), shape.channels);
      const Tensor features = net.feature(node);
      const int64_t area = shape.height * shape.width;
      for (int64_t c = 0; c < shape.channels; ++c) {
        const float* plane = features.data() + (image * shape.channels + c) * area;
        const float* most = std::max_element(plane, plane + area);  // the first of them
        ASSERT_EQ(peaks[c].value, *most) << node;
        ASSERT_EQ(peaks[c].y * shape.width + peaks[c].x, most - plane) << node;
        ties += area > 1 && std::count(plane, plane + area, *most) > 1 ? 1 : 0;
      }
    }
  }
  if (device().kind == DeviceKind::cpu && has(dnnl_cpu_isa_avx2)) {
    EXPECT_GT(side_by_side, 0);
  }
  EXPECT_GT(ties, 0);  // of channels that are 0 everywhere
}

}  // namespace
}  // namespace hdecomp
