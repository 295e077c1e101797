/// Scores and their probabilities, for Classification.
#include "runtime/explain/scores_as_run.h"

#include <algorithm>
#include <cmath>

#include "runtime/network/classification.h"

namespace hdecomp {

ForwardRun scores_as_run(const Model& model, const std::vector<std::vector<float>>& scores) {
  const Shape shape{std::ssize(scores), model.class_count()};
  ForwardRun run;
  run.scores = Tensor(Device{}, shape);
  run.probabilities = Tensor(Device{}, shape);
  float *score = run.scores.data(), *probability = run.probabilities.data();
  for (const std::vector<float>& row : scores) {
    score = std::ranges::copy(row, score).out;
    for (const double log : log_probabilities(model, row)) {
      *probability++ = static_cast<float>(std::exp(log));
    }
  }
  return run;
}

}  // namespace hdecomp
