/// Baselines by hand and against a plain loop.
#include "kernels/gap/baselines.h"

#include <cmath>

#include "tests/support/op_testing.h"

namespace hdecomp::op_testing {
namespace {

class BaselinesTest : public OnDevice {
 protected:
  struct Result {
    Tensor values, magnitudes, above;
  };
  Result of(const Tensor& feature, const Tensor* means) const {
    const Shape& f = feature.shape();
    Baselines baselines{empty({f[0], f[1]}), empty({f[0], f[1]})};
    Tensor above = empty(f);
    const Tensor there = means != nullptr ? to_device(*means) : Tensor();
    subtract_baselines(context(), to_device(feature), means != nullptr ? &there : nullptr,
                       baselines, above);
    return {to_host(baselines.values), to_host(baselines.magnitudes), to_host(above)};
  }
};

TEST_P(BaselinesTest, ByHand) {
  const Tensor feature = floats({1, 2, 1, 4}, {4, 0, 2, 2, -3, 1, 1, 5});
  const Result own = of(feature, nullptr);
  EXPECT_TRUE(same_bits(own.values, floats({1, 2}, {2, 1})));
  EXPECT_TRUE(same_bits(own.magnitudes, floats({1, 2}, {4, 3.5f})));
  EXPECT_TRUE(same_bits(own.above, floats({1, 2, 1, 4}, {2, -2, 0, 0, -4, 0, 0, 4})));
  const Tensor means = floats({2}, {3, -1});
  const Result given = of(feature, &means);
  EXPECT_TRUE(same_bits(given.values, floats({1, 2}, {3, -1})));
  EXPECT_TRUE(same_bits(given.magnitudes, floats({1, 2}, {5, 3.5f})));
  EXPECT_TRUE(same_bits(given.above, floats({1, 2, 1, 4}, {1, -3, -1, -1, -2, 2, 2, 6})));
}

TEST_P(BaselinesTest, ManyMapsMatchAPlainLoop) {
  for (const auto& [batch, channels, side] :
       {std::tuple<int64_t, int64_t, int64_t>{3, 5, 1}, {2, 17, 7}, {1, 9, 33}}) {
    Tensor feature({}, {batch, channels, side, side});
    Random random(4);
    for (float& value : feature.span()) value = random.unit();
    const Result found = of(feature, nullptr);
    const int64_t area = side * side;
    for (int64_t plane = 0; plane < batch * channels; ++plane) {
      double sum = 0;
      for (int64_t i = 0; i < area; ++i) sum += feature.data()[plane * area + i];
      const double mean = sum / static_cast<double>(area);
      EXPECT_NEAR(found.values.data()[plane], mean, 1e-7);
      for (int64_t i = 0; i < area; ++i) {
        EXPECT_NEAR(found.above.data()[plane * area + i], feature.data()[plane * area + i] - mean,
                    1e-6);
      }
    }
  }
}

TEST_P(BaselinesTest, ClearsWhatRoundingCanMake) {
  const std::vector<Place> places{{0, 0, 0, 1}, {0, 0, 0, -1}, {0, 0, 0, 0}};
  const PlaceTensor there = to_device(tensor_of(Shape{3}, places));
  const Baselines baselines{to_device(floats({2, 2}, {0, 0, 0, 0})),
                            to_device(floats({2, 2}, {1, 8, 4, 2}))};
  Tensor alpha = to_device(floats({3, 2}, {6e-5f, -1e-4f, 0, 0, 1e-5f, 1e-3f}));
  // Image 1 has the magnitudes 4, 2: up to 1.55e-5 * 2 * 4 and 1.55e-5 * 2 * 2 is noise.
  clear_rounding(context(), {there.data(), places.size()}, baselines,
                 to_device(floats({3, 2}, {2, -2, 0, 0, -1, 1})), alpha);
  EXPECT_TRUE(same_bits(to_host(alpha), floats({3, 2}, {0, -1e-4f, 0, 0, 0, 1e-3f})));
}

INSTANTIATE_TEST_SUITE_P(Devices, BaselinesTest, ::testing::ValuesIn(test_devices()), device_name);

}  // namespace
}  // namespace hdecomp::op_testing
