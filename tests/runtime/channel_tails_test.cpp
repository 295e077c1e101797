/// The largest values' threshold against a sorted list.
#include "runtime/experiments/channel_tails.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace hdecomp {
namespace {

std::vector<float> values_of(size_t count, uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<float> values;
  for (size_t i = 0; i < count; ++i) {
    const float value = static_cast<float>(random() % 100000) / 1000.0f - 40.0f;
    values.push_back(std::max(value, 0.0f));  // two in five are 0, as after a ReLU
  }
  return values;
}

int64_t at_least(const std::vector<float>& values, float threshold) {
  return std::ranges::count_if(values, [&](float value) { return value >= threshold; });
}

TEST(ChannelTails, TheThresholdIsLessThan1Of128AboveTheQuantile) {
  for (const size_t count : {1000u, 4096u, 30000u}) {
    std::vector<float> values = values_of(count, static_cast<uint32_t>(count));
    for (const double share : {0.5, 0.1, 0.005}) {
      ChannelTails tails(1);
      tails.add(0, values);
      const float threshold = tails.threshold(0, share);
      const auto allowed = static_cast<size_t>(share * static_cast<double>(count));
      EXPECT_LE(at_least(values, threshold), static_cast<int64_t>(allowed));
      std::vector<float> sorted = values;
      std::ranges::sort(sorted, std::greater());
      const float exact = sorted[allowed];  // the largest value that is one too many
      EXPECT_GT(threshold, exact);
      EXPECT_LE(threshold, exact * (1 + 1.0f / 128));
      EXPECT_EQ(threshold, std::bit_cast<float>(std::bit_cast<uint32_t>(threshold) >> 16 << 16));
    }
  }
}

TEST(ChannelTails, DoNotDependOnTheOrder) {
  std::vector<float> values = values_of(5000, 3);
  values.insert(values.end(), {1e-30f, 3e-12f, 1e6f, 2e20f});  // far more than 16 octaves
  std::mt19937 random(1);
  float first = 0;
  for (int round = 0; round < 5; ++round) {
    ChannelTails tails(2);
    for (size_t at = 0; at < values.size(); at += 100) {
      tails.add(1, std::span(values).subspan(at, std::min<size_t>(100, values.size() - at)));
    }
    const float threshold = tails.threshold(1, 0.0004);  // two of them
    if (round == 0) first = threshold;
    EXPECT_EQ(threshold, first);
    std::ranges::shuffle(values, random);
  }
  // The quantile, below 100, is more than 16 octaves under the largest value: that end it is.
  EXPECT_GT(first, 2e20f / 65536 * 0.99f);
  EXPECT_LT(first, 2e20f / 65536 * 1.02f);
}

TEST(ChannelTails, OfNothingAboveZeroIsZero) {
  ChannelTails tails(3);
  tails.add(0, std::vector<float>{0, 0, -1});
  EXPECT_EQ(tails.threshold(0, 0.5), 0);
  EXPECT_EQ(tails.threshold(1, 0.5), 0);
  // All the same: they are more than their share, and yet the largest.
  tails.add(2, std::vector<float>(10, 3.0f));
  EXPECT_EQ(tails.threshold(2, 0.005), 3.0f);
}

TEST(ChannelTails, AddUpAndComeBackFromBytes) {
  std::vector<float> values = values_of(5000, 4);
  values.insert(values.begin(), {2e20f, 3e-12f});  // the first part is far above the second
  for (const size_t cut : {size_t{2}, size_t{1000}, values.size()}) {
    ChannelTails whole(3), one(3), other(3), back(3);
    whole.add(1, values);
    one.add(1, std::span(values).first(cut));
    other.add(1, std::span(values).subspan(cut));
    PackedBytes out;
    other.pack(out);
    const std::vector<uint8_t> bytes = out.take_bytes();
    PackedReader in(bytes);
    back.unpack(in);
    EXPECT_TRUE(in.at_end());
    ChannelTails turned = back;
    one.add(back);
    ChannelTails first(3);
    first.add(1, std::span(values).first(cut));
    turned.add(first);
    for (const double share : {0.0004, 0.01, 0.3}) {
      for (const size_t channel : {0u, 1u}) {
        EXPECT_EQ(one.threshold(channel, share), whole.threshold(channel, share));
        EXPECT_EQ(turned.threshold(channel, share), whole.threshold(channel, share));
      }
    }
  }
  PackedReader none({});
  EXPECT_THROW(ChannelTails(1).unpack(none), Error);
}

}  // namespace
}  // namespace hdecomp
