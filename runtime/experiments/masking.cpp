/// Fig. 6 as a measure of one decision: what masking its first or last channels changes.
#include "runtime/experiments/decision_measures.h"

#include <algorithm>
#include <bit>
#include <numeric>

#include "runtime/comparison/first_order.h"
#include "runtime/experiments/measured_drops.h"

namespace hdecomp {
namespace {

/// Channels by falling contribution, ties to the lower one.
std::vector<int32_t> ranking(std::span<const float> contribution) {
  std::vector<int32_t> order(contribution.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order,
                           [&](int32_t a, int32_t b) { return contribution[a] > contribution[b]; });
  return order;
}

/// Fig. 6: k = 1, 2, 4, ... channels at either end of gAP's ranking; and of the ranking by the
/// contributions above the channels' means (beyond the paper).
class Masking : public Measure {
 public:
  Masking(const Graph& graph, const std::vector<int>& levels) : steps_(std::ssize(levels)) {
    for (const int level : levels) {
      sizes_ = std::max<int64_t>(
          sizes_, std::bit_width(static_cast<uint64_t>(graph.shapes[level].channels)));
    }
  }

  std::vector<ResultField> fields() const override {
    return {{"most_important", {steps_, sizes_}},
            {"least_important", {steps_, sizes_}},
            {"most_important_mean", {steps_, sizes_}},
            {"least_important_mean", {steps_, sizes_}},
            {unchanged_field, {steps_}, true}};
  }

  void measure(NetworkRunner& network, const Decided& decided, ResultSums& sums) const override {
    const Decomposition& step = *decided.step;
    AblationQuestion means = decided.question;
    means.fill = AblationFill::mean;
    const std::vector<float> above_means =
        contributions_above(step, fills_of(network, means, decided.decision.neuron.image));
    const bool unchanged = mask(network, decided, step.contribution, 0, sums);
    // Where no channel is above its mean, as below global average pooling, there is no ranking.
    const bool ranked = std::ranges::any_of(above_means, [](float value) { return value != 0; });
    if (ranked) mask(network, decided, above_means, 2, sums);
    sums.add(4 * steps_ * sizes_ + static_cast<int64_t>(decided.level), unchanged ? 1 : 0);
  }

 private:
  /// Masks the ends of a ranking, whose arrays are the fields `first` and the next; whether that
  /// changes nothing, and they get no number.
  bool mask(NetworkRunner& network, const Decided& decided, std::span<const float> contribution,
            int64_t first, ResultSums& sums) const {
    const std::vector<int32_t> order = ranking(contribution);
    std::vector<ChannelGroup> groups;
    for (size_t k = 1; k <= order.size(); k *= 2) {
      const auto count = static_cast<ptrdiff_t>(k);
      groups.emplace_back(order.begin(), order.begin() + count);
      groups.emplace_back(order.end() - count, order.end());
    }
    const std::vector<float> drops = drops_of(network, decided, groups);
    if (are_noise(network, decided, drops)) return true;
    for (size_t i = 0; i < drops.size(); ++i) {
      const auto at = static_cast<int64_t>(decided.level) * sizes_ + static_cast<int64_t>(i / 2);
      const int64_t field = first + static_cast<int64_t>(i % 2);
      sums.add(field * steps_ * sizes_ + at, -drops[i] / decided.decision.value);
    }
    return false;
  }

  int64_t steps_, sizes_ = 0;
};

}  // namespace

std::unique_ptr<Measure> masking_measure(const Graph& graph, const std::vector<int>& levels) {
  return std::make_unique<Masking>(graph, levels);
}

}  // namespace hdecomp
