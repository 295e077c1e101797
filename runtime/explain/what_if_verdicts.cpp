/// Verdicts, and how chance did beside them.
#include "runtime/explain/what_if_verdicts.h"

#include <algorithm>

#include "hdecomp/error.h"

namespace hdecomp {
namespace {

constexpr int most_controls = 10000;

}  // namespace

void check_question(const Model& model, const WhatIfOptions& options) {
  model.require_classes();
  if (options.controls < 0 || options.controls > most_controls) {
    throw UserError(
        joined("--controls ", options.controls, ": give a number from 0 to ", most_controls));
  }
}

Verdict verdict_of(const Classification& scores, int64_t image, int64_t decision, int count) {
  return {scores.score_of(image, decision), scores.ranking(image, count)};
}

PhotoRegion region_of_map(const Image& photo, const Preprocess& rule, const ActivationMap& map,
                          double threshold) {
  std::vector<uint8_t> cells(map.height * map.width);
  for (const int64_t cell : map.mask(threshold)) cells[cell] = 1;
  return region_of_cells(photo, rule, cells, map.height, map.width);
}

ControlSummary summary_of(const WhatIf& result) {
  ControlSummary summary;
  summary.controls = std::ssize(result.controls);
  bool first = true;
  for (const Verdict& control : result.controls) {
    summary.class_changes += control.predicted().index != result.before.predicted().index ? 1 : 0;
    summary.as_low += control.decision.score <= result.after.decision.score ? 1 : 0;
    summary.as_high += control.decision.score >= result.after.decision.score ? 1 : 0;
    const double change = double{control.decision.probability} - result.before.decision.probability;
    summary.least_change = first ? change : std::min(summary.least_change, change);
    summary.most_change = first ? change : std::max(summary.most_change, change);
    summary.mean_change += change / static_cast<double>(summary.controls);
    summary.mean_score_change += (double{control.decision.score} - result.before.decision.score) /
                                 static_cast<double>(summary.controls);
    first = false;
  }
  return summary;
}

}  // namespace hdecomp
