/// Fig. 7 as a measure of one decision: the curves of its contributions and drops, and its
/// overlapping channels.
#include "runtime/experiments/decision_measures.h"

#include <algorithm>

#include "nets/layer_names.h"
#include "runtime/experiments/measured_drops.h"
#include "runtime/explain/overlap_drops.h"
#include "runtime/tree/refined_steps.h"

namespace hdecomp {
namespace {

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
    GapStep step = activated_channels(network.windows, {decided.question.from, decided.question.to},
                                      decided.decision);
    add_peaks(network.windows, peaks_, decided.level, decided.decision.neuron.image, step);
    const std::vector<GroupDrop> groups =
        overlap_drops(network, decided.question, decided.decision.neuron, step, overlaps_, drops);
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

std::unique_ptr<Measure> distribution_measure(const Graph& graph, const std::vector<int>& levels,
                                              const ExperimentOptions& options) {
  return std::make_unique<Distribution>(graph, levels, options);
}

}  // namespace hdecomp
