/// Histograms that move up with the largest value.
#include "runtime/experiments/channel_tails.h"

#include <algorithm>
#include <bit>

namespace hdecomp {
namespace {

constexpr int64_t bins = 2048;

int64_t bin_of(float value) { return std::bit_cast<uint32_t>(value) >> 16; }
float begin_of(int64_t bin) { return std::bit_cast<float>(static_cast<uint32_t>(bin) << 16); }

}  // namespace

void ChannelTails::add(size_t channel, std::span<const float> values) {
  Tail& tail = tails_.at(channel);
  tail.all += std::ssize(values);
  for (const float value : values) {
    if (!(value > 0)) continue;
    const int64_t bin = bin_of(value);
    if (bin > tail.top) {
      tail.counts.resize(bins);
      const int64_t vacated = std::min(bins, bin - tail.top);
      for (int64_t i = 0; i < vacated; ++i) tail.counts[(bin - i) % bins] = 0;
      tail.top = bin;
    }
    if (bin > tail.top - bins) ++tail.counts[bin % bins];
  }
}

float ChannelTails::threshold(size_t channel, double share) const {
  const Tail& tail = tails_.at(channel);
  if (tail.top < 0) return 0;
  const double allowed = share * static_cast<double>(tail.all);
  const int64_t lowest = std::max<int64_t>(tail.top - bins + 1, 0);
  double counted = 0;
  int64_t bin = tail.top;
  for (; bin >= lowest; --bin) {
    counted += static_cast<double>(tail.counts[bin % bins]);
    if (counted > allowed) break;
  }
  const int64_t chosen = std::min(bin + 1, tail.top);
  return std::max(begin_of(chosen), std::bit_cast<float>(uint32_t{1}));  // above 0
}

}  // namespace hdecomp
