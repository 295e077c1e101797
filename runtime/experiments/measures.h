/// What each experiment of Section 4.1 measures of a decision, and how an image's decisions become
/// its row of results.
#pragma once

#include <memory>
#include <string>

#include "hdecomp/experiment.h"
#include "runtime/ablation/ablation.h"
#include "runtime/explain/network_runner.h"

namespace hdecomp {

/// One decision of an image's tree and its step into the stage below.
struct Decided {
  size_t level = 0;  // which step: levels[level] is the lower layer
  AblationQuestion question;
  ValuedNeuron decision;
  const Decomposition* step = nullptr;
};

/// An image's numbers over its decisions: of a field that is no total, the mean of the finite ones.
class ResultSums {
 public:
  explicit ResultSums(const std::vector<ResultField>& fields);

  void add(int64_t at, double value);
  std::vector<float> row() const;

 private:
  std::vector<double> sum_;
  std::vector<int64_t> count_;
  std::vector<bool> total_;
};

class Measure {
 public:
  virtual ~Measure() = default;
  /// Arrays per image; their numbers lie in `sums` one array after the other.
  virtual std::vector<ResultField> fields() const = 0;
  virtual void measure(NetworkRunner& network, const Decided& decided, ResultSums& sums) const = 0;
};

/// Of every experiment, (steps), a total: at how many decisions the fill changes nothing that
/// rounding does not. pcc and masking leave them out.
inline constexpr const char* unchanged_field = "unchanged";

/// `levels`: the lower layers of the steps, in order.
std::unique_ptr<Measure> make_measure(const Graph& graph, const std::vector<int>& levels,
                                      const ExperimentOptions& options);

}  // namespace hdecomp
