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

void ChannelTails::raise(Tail& tail, int64_t bin) {
  if (bin <= tail.top) return;
  tail.counts.resize(bins);
  const int64_t vacated = std::min(bins, bin - tail.top);
  for (int64_t i = 0; i < vacated; ++i) tail.counts[(bin - i) % bins] = 0;
  tail.top = bin;
}

void ChannelTails::add(const ChannelTails& other) {
  if (other.tails_.size() != tails_.size()) throw Error("tails of another number of channels");
  for (size_t c = 0; c < tails_.size(); ++c) {
    Tail& tail = tails_[c];
    const Tail& more = other.tails_[c];
    tail.all += more.all;
    if (more.top < 0) continue;
    raise(tail, more.top);
    const int64_t lowest = std::max<int64_t>({tail.top - bins + 1, more.top - bins + 1, 0});
    for (int64_t bin = lowest; bin <= more.top; ++bin) {
      tail.counts[bin % bins] += more.counts[bin % bins];
    }
  }
}

void ChannelTails::pack(PackedBytes& out) const {
  out.put(uint64_t{tails_.size()});
  for (const Tail& tail : tails_) {
    out.put(tail.all);
    out.put(tail.top);
    out.put_list(tail.counts);
  }
}

void ChannelTails::unpack(PackedReader& in) {
  uint64_t channels = 0;
  in.take(channels);
  if (channels != tails_.size()) throw Error("tails of another number of channels");
  for (Tail& tail : tails_) {
    in.take(tail.all);
    in.take(tail.top);
    in.take_list(tail.counts);
    const bool right = tail.all >= 0 && tail.top >= -1 && tail.top < int64_t{1} << 16 &&
                       std::ssize(tail.counts) == (tail.top < 0 ? 0 : bins);
    if (!right) throw Error("tails that cannot be");
  }
}

void ChannelTails::add(size_t channel, std::span<const float> values) {
  Tail& tail = tails_.at(channel);
  tail.all += std::ssize(values);
  for (const float value : values) {
    if (!(value > 0)) continue;
    const int64_t bin = bin_of(value);
    raise(tail, bin);
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
