/// topk against hand-worked values, a full sort and PyTorch.
#include "kernels/gap/topk.h"

#include <numeric>

#include "tests/support/golden_file.h"
#include "tests/support/op_testing.h"

namespace hdecomp::op_testing {
namespace {

class TopkTest : public OnDevice {
 protected:
  IndexTensor top(const Tensor& alpha, int64_t n) const {
    IndexTensor before({}, {alpha.shape()[0], n});
    std::ranges::fill(before.span(), 77);  // fresh memory may hold -1 by chance
    IndexTensor channels = to_device(before);
    topk(context(), to_device(alpha), channels);
    return to_host(channels);
  }
};

/// The positive channels by a stable sort of all.
IndexTensor sorted_top(const Tensor& alpha, int64_t n) {
  const int64_t decisions = alpha.shape()[0], count = alpha.shape()[1];
  IndexTensor result({}, {decisions, n});
  std::ranges::fill(result.span(), -1);
  for (int64_t decision = 0; decision < decisions; ++decision) {
    const float* value = alpha.data() + decision * count;
    std::vector<int32_t> order(count);
    std::iota(order.begin(), order.end(), 0);
    std::ranges::stable_sort(order, [&](int32_t a, int32_t b) { return value[a] > value[b]; });
    for (int64_t i = 0; i < std::min(n, count) && value[order[i]] > 0; ++i) {
      result.data()[decision * n + i] = order[i];
    }
  }
  return result;
}

TEST_P(TopkTest, ChannelsComeByFallingContribution) {
  const Tensor alpha = floats({1, 6}, {0.5f, -1, 2, 0.5f, 0, 3});
  EXPECT_TRUE(same_bits(top(alpha, 1), indices({1, 1}, {5})));
  EXPECT_TRUE(same_bits(top(alpha, 3), indices({1, 3}, {5, 2, 0})));
  EXPECT_TRUE(same_bits(top(alpha, 4), indices({1, 4}, {5, 2, 0, 3})));
}

TEST_P(TopkTest, FewerPositiveChannelsThanAskedForLeaveMinusOne) {
  const Tensor alpha = floats({2, 3}, {0, 1, -1, -2, -3, -0.0f});
  EXPECT_TRUE(same_bits(top(alpha, 2), indices({2, 2}, {1, -1, -1, -1})));
  EXPECT_TRUE(same_bits(top(alpha, 5), indices({2, 5}, {1, -1, -1, -1, -1, -1, -1, -1, -1, -1})));
}

TEST_P(TopkTest, EqualContributionsComeByChannel) {
  EXPECT_TRUE(same_bits(top(random_tensor({1, 100}, 1, 2, 2), 4), indices({1, 4}, {0, 1, 2, 3})));
  const Tensor alpha = floats({1, 6}, {1, 2, 1, 2, 1, 2});
  EXPECT_TRUE(same_bits(top(alpha, 4), indices({1, 4}, {1, 3, 5, 0})));
}

TEST_P(TopkTest, MatchesAFullSort) {
  const Tensor alpha = random_tensor({4, 2048}, 1);
  Tensor tied = random_tensor({4, 300}, 2, -5, 5);
  for (float& value : tied.span()) value = std::round(value);
  for (const int64_t n : {1, 5, 64, 400}) {
    SCOPED_TRACE(joined("n = ", n));
    EXPECT_TRUE(same_bits(top(alpha, n), sorted_top(alpha, n)));
    EXPECT_TRUE(same_bits(top(tied, n), sorted_top(tied, n)));
  }
}

TEST_P(TopkTest, AnyNumberOfChannelsIsRanked) {
  for (const int64_t count : {1, 31, 33, 127, 128, 129, 257, 1009}) {
    Tensor alpha = random_tensor({3, count}, 3, -2, 4);
    for (float& value : alpha.span()) value = std::round(value * 16) / 16;
    std::fill(alpha.data(), alpha.data() + count, -1.0f);  // a decision without support
    alpha.data()[count] = 0x1p-149f;                       // the least there is
    for (const int64_t n : {int64_t{1}, int64_t{3}, int64_t{16}, count, count + 200}) {
      SCOPED_TRACE(joined(n, " of ", count));
      EXPECT_TRUE(same_bits(top(alpha, n), sorted_top(alpha, n)));
    }
  }
}

TEST_P(TopkTest, NaNIsNoSupport) {
  const float nan = std::nanf("");
  EXPECT_TRUE(same_bits(top(floats({1, 4}, {nan, 1, nan, 2}), 3), indices({1, 3}, {3, 1, -1})));
}

TEST_P(TopkTest, MatchesPyTorch) {
  const GoldenFile golden;
  for (const std::string name : {"topk.n5.", "topk.n12."}) {
    SCOPED_TRACE(name);
    const IndexTensor expected = golden.indices(name + "channels");
    EXPECT_TRUE(same_bits(top(golden.floats(name + "alpha"), expected.shape()[1]), expected));
  }
}

TEST_P(TopkTest, OtherExtentsAreRefused) {
  const Tensor alpha = empty({2, 3});
  IndexTensor other_decisions = empty_indices({3, 2}), none = empty_indices({2, 0});
  IndexTensor flat = empty_indices({2});
  EXPECT_THROW(topk(context(), alpha, other_decisions), Error);
  EXPECT_THROW(topk(context(), alpha, none), Error);
  EXPECT_THROW(topk(context(), alpha, flat), Error);
  IndexTensor channels = empty_indices({2, 2});
  EXPECT_THROW(topk(context(), empty({2, 3, 1, 1}), channels), Error);
}

INSTANTIATE_TEST_SUITE_P(Devices, TopkTest, ::testing::ValuesIn(test_devices()), device_name);

}  // namespace
}  // namespace hdecomp::op_testing
