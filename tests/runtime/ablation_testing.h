/// What the tests of ablation share.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "nets/layer_names.h"
#include "runtime/ablation/ablation.h"
#include "runtime/ablation/ablation_fills.h"
#include "tests/support/device_net.h"
#include "tests/support/exact_net.h"
#include "tests/support/slopes.h"

namespace hdecomp::testing_models {

inline std::vector<float> drops(const DeviceNet& net, const AblationQuestion& question,
                                const Neuron& decision) {
  return ablation_drops(net.context, *net.model, net.executor, question, decision);
}

/// What rounding spreads the drop of channel k by: of the decision's value as it is and as it is
/// after the fill, in both of two ways to compute it.
inline double spread_of_drop(const DeviceNet& net, const AblationQuestion& question,
                             const Neuron& decision, size_t k, int samples) {
  const ExactNet exact(net, decision.image);
  const FeatureShape &to = net.graph().shapes[question.to],
                     &from = net.graph().shapes[question.from];
  Doubles feature = exact.feature(question.to);
  const size_t at = Slopes::at(from, decision.channel, decision.y, decision.x);
  const double as_is = exact.values(question.from, question.to, feature, samples).spread[at];
  const std::vector<float> fills =
      ablation_fills(net.context, net.executor, question, decision.image);
  const int64_t area = to.height * to.width;
  std::fill_n(feature.begin() + static_cast<int64_t>(k) * area, area, fills[k]);
  const double filled = exact.values(question.from, question.to, feature, samples).spread[at];
  return std::sqrt(2 * (as_is * as_is + filled * filled));
}

/// Both are differences of two values as large as the decision, which bounds what rounding leaves
/// where every channel drops little; where sums cancel on the way, the rounding is counted. A GPU
/// computes them in different ways, whose rounding is as large as that of the sums' terms: for a
/// small decision, as that of the layer's larger features.
inline void expect_same_drops(const DeviceNet& net, AblationQuestion question,
                              const Neuron& decision) {
  const std::vector<float> fast_drops = drops(net, question, decision);
  question.method = AblationMethod::naive;
  const std::vector<float> naive_drops = drops(net, question, decision);
  ASSERT_EQ(fast_drops.size(), naive_drops.size());
  const bool on_cpu = net.context.device() == Device{};
  const Neuron scale = on_cpu ? decision : net.strongest(question.from, decision.image);
  double largest = std::abs(net.value(question.from, scale));
  for (const float drop : naive_drops) largest = std::max<double>(largest, std::abs(drop));
  for (size_t k = 0; k < fast_drops.size(); ++k) {
    // A fill of zeros may make a divisor zero.
    if (std::isnan(fast_drops[k]) && std::isnan(naive_drops[k])) continue;
    if (fast_drops[k] == naive_drops[k]) continue;
    const double difference = std::abs(fast_drops[k] - naive_drops[k]);
    if (difference <= 1e-5 * largest) continue;
    double spread = spread_of_drop(net, question, decision, k, few_samples);
    if (difference > most_spreads * spread) {
      spread = spread_of_drop(net, question, decision, k, many_samples);
    }
    if (std::isnan(spread)) continue;  // in double precision the fill leaves no number either
    EXPECT_LE(difference, most_spreads * spread)
        << layer_label(net.graph(), question.from) << " to "
        << layer_label(net.graph(), question.to) << " at " << decision.y << ", " << decision.x
        << ", channel " << k << ": " << difference / largest << " of the largest";
  }
}

}  // namespace hdecomp::testing_models
