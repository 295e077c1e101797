/// Table 1, Fig. 6 and Fig. 7 as measures of one decision.
#include "runtime/experiments/measures.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>

#include "hdecomp/error.h"
#include "nets/layer_names.h"
#include "runtime/ablation/ablation_fills.h"
#include "runtime/comparison/first_order.h"
#include "runtime/explain/overlap_drops.h"
#include "runtime/tree/refined_steps.h"

namespace hdecomp {
namespace {

std::vector<float> drops_of(NetworkRunner& network, const Decided& decided) {
  return ablation_drops(network.context, *network.weights, network.executor, decided.plan,
                        decided.decision.neuron);
}

std::vector<float> drops_of(NetworkRunner& network, const Decided& decided,
                            const std::vector<ChannelGroup>& groups) {
  return group_drops(network.context, *network.weights, network.executor, decided.plan,
                     decided.decision.neuron, groups);
}

std::vector<float> fills_of(const NetworkRunner& network, const AblationPlan& plan, int64_t image) {
  return ablation_fills(network.context, network.executor, plan, image);
}

/// Whether rounding alone can make these drops of a decision.
bool are_noise(const NetworkRunner& network, const Decided& decided,
               const std::vector<float>& drops) {
  const AblationPlan& plan = decided.plan;
  return within_rounding(drops,
                         rounding_of_drops(network.graph(), plan.from, plan.to, *decided.step));
}

/// Table 1, and AF.
class Correlations : public Measure {
 public:
  explicit Correlations(size_t steps) : steps_(static_cast<int64_t>(steps)) {}

  std::vector<ResultField> fields() const override {
    return {{"correlation", {steps_, rows}},
            {"constant", {steps_, rows}, true},
            {"decisions", {steps_}, true},
            {unchanged_field, {steps_}, true}};
  }

  void measure(NetworkRunner& network, const Decided& decided, ResultSums& sums) const override {
    const std::vector<float> drops = drops_of(network, decided);
    const Decomposition& step = *decided.step;
    const SharedList<float>* estimates[] = {&step.contribution, &step.peak, &step.mean_gradient,
                                            &step.max_gradient};
    const std::vector<float> first_order =
        first_order_drops(step, fills_of(network, decided.plan, decided.decision.neuron.image));
    const bool unchanged = are_noise(network, decided, drops);
    const auto level = static_cast<int64_t>(decided.level);
    for (int64_t s = 0; s < rows; ++s) {
      const std::span<const float> estimate =
          s < rows - 1 ? std::span<const float>(*estimates[s]) : first_order;
      const double correlation =
          unchanged ? std::numeric_limits<double>::quiet_NaN() : pearson(estimate, drops);
      sums.add(level * rows + s, correlation);
      sums.add((steps_ + level) * rows + s, std::isnan(correlation) ? 1 : 0);
    }
    sums.add(steps_ * 2 * rows + level, 1);
    sums.add(steps_ * (2 * rows + 1) + level, unchanged ? 1 : 0);
  }

 private:
  static constexpr int64_t rows = std::ssize(pcc_strategies);

  int64_t steps_;
};

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
    AblationPlan means = decided.plan;
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

/// Fig. 7, and what the groups of overlapping channels drop together (beyond the paper).
class Distribution : public Measure {
 public:
  Distribution(const Graph& graph, const std::vector<int>& levels, const ExperimentOptions& options)
      : overlaps_(options.overlaps), steps_(std::ssize(levels)) {
    peaks_.levels = levels;
    peaks_.peaks = options.peaks;
    for (const int level : levels) {
      const int64_t channels = graph.shapes[level].channels;
      const std::string layer = layer_label(graph, level);
      fields_.push_back({"gap_" + layer, {channels}});
      fields_.push_back({"drop_" + layer, {channels}});
      begins_.push_back(curves_);
      curves_ += 2 * channels;
    }
    for (const char* name : {"activated", "overlapping", "groups", "group_drop", "members_drop",
                             "first_peaks", "extra_peaks"}) {
      fields_.push_back({name, {steps_}});
    }
    fields_.push_back({unchanged_field, {steps_}, true});
  }

  std::vector<ResultField> fields() const override { return fields_; }

  void measure(NetworkRunner& network, const Decided& decided, ResultSums& sums) const override {
    std::vector<float> drops = drops_of(network, decided);
    const bool unchanged = are_noise(network, decided, drops);
    if (unchanged) std::ranges::fill(drops, 0.0f);
    sums.add(curves_ + 7 * steps_ + static_cast<int64_t>(decided.level), unchanged ? 1 : 0);
    const double value = decided.decision.value;
    const Decomposition& step = *decided.step;
    const auto channels = static_cast<int64_t>(drops.size());
    const auto area = static_cast<double>(step.height * step.width);
    const int64_t begin = begins_[decided.level];
    put_sorted({step.contribution.begin(), step.contribution.end()}, area / value, begin,
               sums);  // the sum of A, as a share of F
    put_sorted(drops, 1 / value, begin + channels, sums);
    put_overlaps(network, decided, drops, sums);
  }

 private:
  static void put_sorted(std::vector<float> values, double scale, int64_t begin, ResultSums& sums) {
    std::ranges::sort(values, std::greater());
    for (size_t i = 0; i < values.size(); ++i) {
      sums.add(begin + static_cast<int64_t>(i), values[i] * scale);
    }
  }

  void put_overlaps(NetworkRunner& network, const Decided& decided, const std::vector<float>& drops,
                    ResultSums& sums) const {
    GapStep step =
        activated_channels(network.windows, {decided.plan.from, decided.plan.to}, decided.decision);
    add_peaks(network.windows, peaks_, decided.level, decided.decision.neuron.image, step);
    const std::vector<GroupDrop> groups =
        overlap_drops(network, decided.plan, decided.decision.neuron, step, overlaps_, drops);
    std::vector<float> together;
    for (const GroupDrop& group : groups) together.push_back(static_cast<float>(group.drop));
    const bool unchanged = are_noise(network, decided, together);
    size_t overlapping = 0;
    const auto at = [&](int64_t field) {
      return curves_ + field * steps_ + static_cast<int64_t>(decided.level);
    };
    for (const GroupDrop& group : groups) {
      overlapping += group.channels.size();
      sums.add(at(3), (unchanged ? 0 : group.drop) / decided.decision.value);
      sums.add(at(4), group.members_drop / decided.decision.value);
    }
    sums.add(at(0), static_cast<double>(step.decomposition.chosen.size()));
    sums.add(at(1), static_cast<double>(overlapping));
    sums.add(at(2), static_cast<double>(groups.size()));
    sums.add(at(5), step.decomposition.first_peaks);
    sums.add(at(6), step.decomposition.extra_peaks);
  }

  OverlapOptions overlaps_;
  TreeQuestion peaks_;  // for add_peaks
  int64_t steps_, curves_ = 0;
  std::vector<ResultField> fields_;
  std::vector<int64_t> begins_;  // of each level's curves in the row
};

}  // namespace

ResultSums::ResultSums(const std::vector<ResultField>& fields) {
  for (const ResultField& field : fields) total_.resize(total_.size() + field.size(), field.total);
  sum_.resize(total_.size());
  count_.resize(total_.size());
}

void ResultSums::add(int64_t at, double value) {
  if (!std::isfinite(value)) return;
  sum_.at(at) += value;
  ++count_[at];
}

std::vector<float> ResultSums::row() const {
  std::vector<float> row(sum_.size());
  for (size_t i = 0; i < row.size(); ++i) {  // 0 / 0 of a mean without a value: NaN
    row[i] = static_cast<float>(total_[i] ? sum_[i] : sum_[i] / static_cast<double>(count_[i]));
  }
  return row;
}

std::unique_ptr<Measure> make_measure(const Graph& graph, const std::vector<int>& levels,
                                      const ExperimentOptions& options) {
  switch (options.kind) {
    case ExperimentKind::pcc:
      return std::make_unique<Correlations>(levels.size());
    case ExperimentKind::masking:
      return std::make_unique<Masking>(graph, levels);
    case ExperimentKind::distribution:
      return std::make_unique<Distribution>(graph, levels, options);
    case ExperimentKind::sparse:  // of whole images: image_measure.h
    case ExperimentKind::importance:
    case ExperimentKind::randomise:
    case ExperimentKind::discriminate:
    case ExperimentKind::attack:
    case ExperimentKind::context:
    case ExperimentKind::class_graph:
      break;
  }
  throw Error("an unknown experiment");
}

}  // namespace hdecomp
