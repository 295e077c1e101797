/// What a ConceptSearch counts over images, and how that is handed on.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "runtime/experiments/channel_tails.h"

namespace hdecomp {

/// A layer's channels: their histograms, then their masks against the regions.
struct CountedLayer {
  int node;
  std::string name;
  size_t channels;
  ChannelTails tails = ChannelTails(channels);
  std::vector<float> thresholds = {};
  std::vector<int64_t> masks = {};              // pixels, by channel
  std::vector<std::vector<int64_t>> both = {};  // by channel, by region
};

struct ConceptCounts {
  std::vector<CountedLayer> layers;
  std::vector<int64_t> areas;     // of each region, over all images
  bool overlapping = false;       // it is the second time
  int64_t first = 0, second = 0;  // images that count

  /// Of this time.
  int64_t& images() { return overlapping ? second : first; }
  int64_t images() const { return overlapping ? second : first; }
  /// Nothing is counted of this time over the images.
  void forget();
  std::vector<uint8_t> packed() const;
  /// What others of the same layers and regions packed. Throws Error for anything else.
  void add_packed(std::span<const uint8_t> bytes);
  /// What the first time found.
  std::vector<uint8_t> packed_thresholds(double share) const;
  /// Begins the second time with what packed_thresholds() gave. Throws Error for anything else.
  void begin_overlaps(std::span<const uint8_t> thresholds);
};

}  // namespace hdecomp
