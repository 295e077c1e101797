/// Masks as bits, and non-maximum suppression over them.
#include "runtime/tree/overlap.h"

#include <algorithm>
#include <bit>

#include "hdecomp/error.h"

namespace hdecomp {
namespace {

using Mask = std::vector<uint64_t>;

Mask mask_of(const ActivationMap& map, double threshold) {
  Mask mask((map.height * map.width + 63) / 64);
  for (const int64_t cell : map.mask(threshold)) mask[cell / 64] |= uint64_t{1} << (cell % 64);
  return mask;
}

double intersection_over_union(const Mask& a, const Mask& b) {
  int64_t both = 0, either = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    both += std::popcount(a[i] & b[i]);
    either += std::popcount(a[i] | b[i]);
  }
  return either == 0 ? 0 : static_cast<double>(both) / static_cast<double>(either);
}

}  // namespace

void check_overlaps(const OverlapOptions& options) {
  if (!(options.iou >= 0 && options.iou <= 1)) {
    throw UserError(joined("--merge-overlaps ", options.iou, ": give an overlap from 0 to 1"));
  }
  if (!(options.mask_threshold >= 0 && options.mask_threshold < 1)) {
    throw UserError(joined("--mask-threshold ", options.mask_threshold,
                           ": give a share of the maximum, from 0 to below 1"));
  }
}

std::string mask_words(double threshold) {
  return threshold == 0 ? "A > 0" : joined("A > ", threshold, " x its maximum");
}

GapStep activated_channels(WindowExecutor& windows, GapQuestion step,
                           const ValuedNeuron& decision) {
  step.top = static_cast<int>(windows.graph().shapes.at(step.to).channels);
  step.keep_maps = true;
  return std::move(gap_steps(windows, step, {decision}).front());
}

std::vector<OverlapGroup> merge_overlaps(const GapStep& step, const OverlapOptions& options) {
  std::vector<OverlapGroup> groups;
  std::vector<Mask> firsts;
  for (size_t i = 0; i < step.decomposition.chosen.size(); ++i) {
    Mask mask = mask_of(*step.maps.at(i), options.mask_threshold);
    const auto like = std::ranges::find_if(firsts, [&](const Mask& first) {
      return intersection_over_union(first, mask) > options.iou;
    });
    if (like == firsts.end()) {
      firsts.push_back(std::move(mask));
      groups.push_back({{step.decomposition.chosen[i]}, {i}});
      continue;
    }
    OverlapGroup& group = groups[like - firsts.begin()];
    group.channels.push_back(step.decomposition.chosen[i]);
    group.places.push_back(i);
  }
  return groups;
}

std::vector<std::vector<int32_t>> shared_masks(const GapStep& step, const OverlapOptions& options) {
  std::vector<std::vector<int32_t>> shared;
  for (OverlapGroup& group : merge_overlaps(step, options)) {
    if (group.channels.size() > 1) shared.push_back(std::move(group.channels));
  }
  return shared;
}

}  // namespace hdecomp
