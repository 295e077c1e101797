/// keep_cover against hand-worked values and a plain sum.
#include "kernels/gap/cover.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "kernels/gap/topk.h"
#include "tests/support/op_testing.h"

namespace hdecomp::op_testing {
namespace {

class CoverTest : public OnDevice {
 protected:
  IndexTensor kept(const Tensor& alpha, int64_t n, double cover) const {
    IndexTensor channels = to_device(IndexTensor({}, {alpha.shape()[0], n}));
    const Tensor there = to_device(alpha);
    topk(context(), there, channels);
    keep_cover(context(), there, cover, channels);
    return to_host(channels);
  }
};

TEST_P(CoverTest, TheChannelThatReachesTheShareIsTheLast) {
  const Tensor alpha = floats({1, 5}, {1, 4, -7, 2, 1});  // 8 in all that is positive
  EXPECT_TRUE(same_bits(kept(alpha, 4, 0.4), indices({1, 4}, {1, -1, -1, -1})));
  EXPECT_TRUE(same_bits(kept(alpha, 4, 0.5), indices({1, 4}, {1, -1, -1, -1})));
  EXPECT_TRUE(same_bits(kept(alpha, 4, 0.51), indices({1, 4}, {1, 3, -1, -1})));
  EXPECT_TRUE(same_bits(kept(alpha, 4, 0.76), indices({1, 4}, {1, 3, 0, -1})));
  EXPECT_TRUE(same_bits(kept(alpha, 4, 1), indices({1, 4}, {1, 3, 0, 4})));
  EXPECT_TRUE(same_bits(kept(alpha, 2, 1), indices({1, 2}, {1, 3})));  // N is the bound
}

TEST_P(CoverTest, DecisionsAreCutEachByItsOwnSum) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const Tensor alpha = floats({3, 3}, {8, 1, 1, -1, 0, -2, 1, nan, 1});
  EXPECT_TRUE(same_bits(kept(alpha, 3, 0.8), indices({3, 3}, {0, -1, -1, -1, -1, -1, 0, 2, -1})));
}

TEST_P(CoverTest, AsManyAsAPlainSumSays) {
  for (const int64_t count : {1, 31, 33, 513, 2048}) {
    const Tensor alpha = random_tensor({5, count}, 4, -1, 3);
    const IndexTensor channels = kept(alpha, count, 0.6);
    for (int64_t d = 0; d < 5; ++d) {
      const float* value = alpha.data() + d * count;
      std::vector<float> positive;
      std::copy_if(value, value + count, std::back_inserter(positive),
                   [](float v) { return v > 0; });
      std::ranges::sort(positive, std::greater());
      const double wanted = 0.6 * std::accumulate(positive.begin(), positive.end(), 0.0);
      int64_t expected = 0;
      for (double sum = 0; expected < std::ssize(positive) && sum < wanted; ++expected) {
        sum += positive[expected];
      }
      const int32_t* chosen = channels.data() + d * count;
      EXPECT_EQ(std::count_if(chosen, chosen + count, [](int32_t c) { return c >= 0; }), expected)
          << count;
    }
  }
}

TEST_P(CoverTest, OtherSharesAndExtentsAreRefused) {
  const Tensor alpha = empty({2, 3});
  IndexTensor channels = empty_indices({2, 2}), other_decisions = empty_indices({3, 2});
  for (const double cover : {0.0, -0.5, 1.5, std::numeric_limits<double>::quiet_NaN()}) {
    EXPECT_THROW(keep_cover(context(), alpha, cover, channels), Error) << cover;
  }
  EXPECT_THROW(keep_cover(context(), alpha, 0.5, other_decisions), Error);
}

INSTANTIATE_TEST_SUITE_P(Devices, CoverTest, ::testing::ValuesIn(test_devices()), device_name);

}  // namespace
}  // namespace hdecomp::op_testing
