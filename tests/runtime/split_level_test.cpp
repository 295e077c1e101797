/// Levels in batches: within the memory limit, all that the ops work in included.
#include "runtime/tree/split_level.h"

#include <gtest/gtest.h>

#include "tests/support/device_net.h"

namespace hdecomp {
namespace {

using namespace testing_models;

/// How many of `count` decisions in `from` go down to `to` at a time.
std::vector<int64_t> batch_sizes(DeviceNet& net, const LayerPair& layers, int64_t count) {
  const std::vector<Neuron> neurons(count);
  std::vector<int64_t> sizes;
  for_each_batch(net.windows, layers, neurons,
                 [&](std::span<const Neuron> batch) { sizes.push_back(std::ssize(batch)); });
  return sizes;
}

/// Each thread sums 2048 columns of every decision by itself.
TEST(SplitLevel, CountsWhatLinearLayersWorkIn) {
  constexpr int64_t count = 1000, most = int64_t{64} << 20, per_thread = 2048 * sizeof(float);
  for (const int threads : {1, 64}) {
    SCOPED_TRACE(joined(threads, " threads"));
    DeviceNet net(slim_model("vgg11", 64), {Device{}, 1, threads});
    const int scores = net.graph().scores();
    const LayerPair layers{scores, net.graph().stage_ends.back().node};
    int64_t all = 0, largest = 0;
    for (const int64_t size : batch_sizes(net, layers, count)) {
      all += size;
      largest = std::max(largest, size);
    }
    EXPECT_EQ(all, count);
    EXPECT_LE(largest * threads * per_thread, most);
    EXPECT_EQ(largest < count, threads == 64);
  }
}

}  // namespace
}  // namespace hdecomp
