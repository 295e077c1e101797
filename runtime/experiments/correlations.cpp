/// Table 1 as a measure of one decision: how each score of its channels correlates with what they
/// drop.
#include "runtime/experiments/decision_measures.h"

#include <cmath>
#include <limits>

#include "runtime/comparison/first_order.h"
#include "runtime/experiments/measured_drops.h"

namespace hdecomp {
namespace {

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
        first_order_drops(step, fills_of(network, decided.question, decided.decision.neuron.image));
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

}  // namespace

std::unique_ptr<Measure> correlations_measure(const std::vector<int>& levels) {
  return std::make_unique<Correlations>(levels.size());
}

}  // namespace hdecomp
