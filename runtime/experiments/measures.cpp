/// An image's row of results out of its decisions, and which measure an experiment takes of them.
#include "runtime/experiments/measures.h"

#include <cmath>

#include "hdecomp/error.h"
#include "runtime/experiments/decision_measures.h"

namespace hdecomp {

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
      return correlations_measure(levels);
    case ExperimentKind::masking:
      return masking_measure(graph, levels);
    case ExperimentKind::distribution:
      return distribution_measure(graph, levels, options);
    case ExperimentKind::sparse:  // of whole images: image_measure.h
    case ExperimentKind::importance:
    case ExperimentKind::randomise:
    case ExperimentKind::discriminate:
    case ExperimentKind::attack:
    case ExperimentKind::context:
    case ExperimentKind::class_graph:
    case ExperimentKind::what_ifs:
      break;
  }
  throw Error("an unknown experiment");
}

}  // namespace hdecomp
