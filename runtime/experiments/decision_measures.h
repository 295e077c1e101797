/// The measures of one decision, each in a file of its name.
#pragma once

#include "runtime/experiments/measures.h"

namespace hdecomp {

/// Table 1, and AF.
std::unique_ptr<Measure> correlations_measure(const std::vector<int>& levels);
/// Fig. 6.
std::unique_ptr<Measure> masking_measure(const Graph& graph, const std::vector<int>& levels);
/// Fig. 7.
std::unique_ptr<Measure> distribution_measure(const Graph& graph, const std::vector<int>& levels,
                                              const ExperimentOptions& options);

}  // namespace hdecomp
