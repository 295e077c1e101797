/// The largest values of many channels, counted in bounded memory.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "runtime/results/packed_bytes.h"

namespace hdecomp {

/// A histogram for each channel, its bins the float32 numbers that have the same sign, exponent and
/// first seven bits of the mantissa, of which it keeps the 2048 below its maximum (16 octaves).
/// What it says does not depend on the order of the values.
class ChannelTails {
 public:
  explicit ChannelTails(size_t channels) : tails_(channels) {}

  /// Values of a channel, all finite. Different channels may be added to at the same time.
  void add(size_t channel, std::span<const float> values);
  /// The values that another one of as many channels was given.
  void add(const ChannelTails& other);
  void pack(PackedBytes& out) const;
  /// Throws Error for what pack() did not write of as many channels.
  void unpack(PackedReader& in);
  /// The lowest end of a bin such that at most `share` of the channel's values are at least it; in
  /// any case no more than the beginning of the topmost bin that has a value. 0 of a channel
  /// without a value above 0.
  float threshold(size_t channel, double share) const;

 private:
  struct Tail {
    int64_t all = 0;               // values, those that have no bin too
    int64_t top = -1;              // the topmost bin that has a value
    std::vector<uint64_t> counts;  // of bin b at b % size; empty before the first value above 0
  };

  /// Makes room for `bin` where it is above all before.
  static void raise(Tail& tail, int64_t bin);

  std::vector<Tail> tails_;
};

}  // namespace hdecomp
