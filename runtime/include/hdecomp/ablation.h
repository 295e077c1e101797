/// Exact ablation of channels beside the gAP step that estimates it (the paper's Section 4.1).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "hdecomp/ablation_fill.h"
#include "hdecomp/explain_options.h"
#include "hdecomp/tree.h"

namespace hdecomp {

struct AblationOptions {
  AblationFill fill = AblationFill::mean;
  std::shared_ptr<const ChannelMeans> means = {};  // of this model: what data_set fills with
  AblationMethod method = AblationMethod::fast;
  int top = 3;                                  // N of the gAP step beside it
  std::optional<OverlapOptions> overlaps = {};  // ablate groups of overlapping channels, too
  BaselineChoice baseline = {};                 // of that step
  std::stop_token stop = {};  // looked at before each batch of channels, as ExplainOptions::stop

  // Called after each batch with how many channels are ablated; with `overlaps` then of the groups.
  // What it throws ends the work and comes out of ablate().
  std::function<void(int64_t done, int64_t of)> after_batch = {};
};

/// Channels that overlap, ablated together.
struct GroupDrop {
  std::vector<int32_t> channels;  // two or more, by falling contribution
  double drop = 0;                // with all of them filled
  double members_drop = 0;        // their own drops, added up
};

/// Exact ablation beside the gAP step that estimates it (Section 4.1): what `hdecomp ablate`
/// prints.
struct Ablation {
  DecisionStep gap;  // "ablation" is one of its timings
  AblationFill fill = AblationFill::mean;
  std::shared_ptr<const ChannelMeans> means;  // where the fill is data_set
  AblationMethod method = AblationMethod::fast;
  std::vector<float> drops;        // per channel of the lower layer: F - F with that channel filled
  std::vector<float> first_order;  // their first-order estimates: the sum of G * (F - fill)

  double rounding = 0;     // the largest drop that float32 rounding alone can make here
  bool unchanged = false;  // no drop is larger: the fill changes nothing, the drops are noise

  std::vector<GroupDrop> groups;  // if asked for, by their first channel's contribution

  // Pearson's correlation of the drops with gAP's contributions (the paper's AA), peaks (MA), mean
  // gradients (AG), largest gradients (MG) and the first-order estimates (AF, ours). NaN where
  // either is the same for all channels, or the drops are noise.
  double with_contribution = 0, with_peak = 0, with_mean_gradient = 0, with_max_gradient = 0;
  double with_first_order = 0;
};

}  // namespace hdecomp
