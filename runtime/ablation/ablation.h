/// Exact channel ablation, the ground truth of Section 4.1: how much a decision drops when one
/// channel of a lower layer is filled with a constant.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <stop_token>
#include <vector>

#include "hdecomp/ablation_fill.h"
#include "runtime/network/executor.h"

namespace hdecomp {

struct AblationQuestion {
  int from = 0, to = 0;  // the decision's layer and a layer below it
  AblationFill fill = AblationFill::mean;
  AblationMethod method = AblationMethod::fast;
  std::shared_ptr<const ChannelMeans> means = {};  // what data_set fills with
  std::stop_token stop = {};
  std::function<void(int64_t done, int64_t of)> after_batch = {};  // of channels, or of groups
};

/// For each channel k of `to`: F(decision) - F(decision with channel k filled over its whole map),
/// after the executor's forward(). A channel that nothing changes in drops exactly 0. Both methods
/// give the same drops but for rounding. Throws Error if `to` is not below `from`, and Stopped.
std::vector<float> ablation_drops(const Context& context, const ModelData& model,
                                  const Executor& executor, const AblationQuestion& question,
                                  const Neuron& decision);

/// Channels of a layer that are filled together.
using ChannelGroup = std::vector<int32_t>;

/// The same for groups of channels: one drop per group. Throws Error for a channel that the layer
/// does not have.
std::vector<float> group_drops(const Context& context, const ModelData& model,
                               const Executor& executor, const AblationQuestion& question,
                               const Neuron& decision, std::span<const ChannelGroup> groups);

/// Pearson's correlation (Eq. 12), -1 to 1; NaN if either side is constant, empty or not finite.
/// Throws Error if their lengths differ.
double pearson(std::span<const float> a, std::span<const float> b);

}  // namespace hdecomp
