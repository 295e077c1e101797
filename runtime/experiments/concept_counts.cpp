/// The counts as bytes: lists in the layers' order.
#include "runtime/experiments/concept_counts.h"

#include <algorithm>
#include <functional>

#include "hdecomp/error.h"

namespace hdecomp {

void ConceptCounts::forget() {
  images() = 0;
  std::ranges::fill(areas, 0);
  for (CountedLayer& layer : layers) {
    layer.tails = ChannelTails(layer.channels);
    if (!overlapping) continue;
    layer.masks.assign(layer.channels, 0);
    layer.both.assign(layer.channels, std::vector<int64_t>(areas.size()));
  }
}

std::vector<uint8_t> ConceptCounts::packed() const {
  PackedBytes out;
  out.put(images());
  if (overlapping) out.put_list(areas);
  for (const CountedLayer& layer : layers) {
    if (!overlapping) {
      layer.tails.pack(out);
      continue;
    }
    out.put_list(layer.masks);
    for (const std::vector<int64_t>& both : layer.both) out.put_list(both);
  }
  return out.take_bytes();
}

void ConceptCounts::add_packed(std::span<const uint8_t> bytes) {
  PackedReader in(bytes);
  int64_t count = 0;
  in.take(count);
  images() += count;
  const auto add_to = [&](std::vector<int64_t>& sums) {
    std::vector<int64_t> more;
    in.take_list(more);
    if (more.size() != sums.size()) throw Error("counts of another number of regions");
    std::ranges::transform(sums, more, sums.begin(), std::plus());
  };
  if (overlapping) add_to(areas);
  for (CountedLayer& layer : layers) {
    if (overlapping) {
      add_to(layer.masks);
      for (std::vector<int64_t>& both : layer.both) add_to(both);
      continue;
    }
    ChannelTails more(layer.channels);
    more.unpack(in);
    layer.tails.add(more);
  }
  if (!in.at_end()) throw Error("counts of another run");
}

std::vector<uint8_t> ConceptCounts::packed_thresholds(double share) const {
  PackedBytes out;
  out.put(first);
  for (const CountedLayer& layer : layers) {
    std::vector<float> found;
    for (size_t c = 0; c < layer.channels; ++c) found.push_back(layer.tails.threshold(c, share));
    out.put_list(found);
  }
  return out.take_bytes();
}

void ConceptCounts::begin_overlaps(std::span<const uint8_t> thresholds) {
  if (overlapping) throw Error("the second time is begun twice");
  PackedReader in(thresholds);
  in.take(first);
  if (first == 0) throw Error("concepts of no image");
  for (CountedLayer& layer : layers) {
    in.take_list(layer.thresholds);
    if (layer.thresholds.size() != layer.channels) throw Error("thresholds of other layers");
  }
  if (!in.at_end()) throw Error("thresholds of other layers");
  overlapping = true;
  forget();
}

}  // namespace hdecomp
