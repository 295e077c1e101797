/// Reading class scores.
#include "runtime/network/batch_scores.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "hdecomp/error.h"

namespace hdecomp {

void BatchScores::require_finite(int64_t image) const {
  const int64_t classes = model_.class_count();
  for (int64_t i = 0; i < classes; ++i) {
    const float score = run_.scores.data()[image * classes + i];
    if (std::isfinite(score)) continue;
    throw UserError(text("the score of class ", i, " is ", score,
                         "; the model's weights overflow on this image"));
  }
}

std::vector<ClassScore> BatchScores::ranking(int64_t image, int count) const {
  const int64_t classes = model_.class_count();
  const float* scores = run_.scores.data() + image * classes;
  std::vector<int64_t> order(classes);
  std::iota(order.begin(), order.end(), int64_t{0});
  const auto shown = std::min<int64_t>(count, classes);
  std::partial_sort(order.begin(), order.begin() + shown, order.end(), [&](int64_t a, int64_t b) {
    return scores[a] != scores[b] ? scores[a] > scores[b] : a < b;
  });
  std::vector<ClassScore> result;
  for (int64_t i = 0; i < shown; ++i) result.push_back(score_of(image, order[i]));
  return result;
}

ClassScore BatchScores::score_of(int64_t image, int64_t index) const {
  const int64_t at = image * model_.class_count() + index;
  return {index, model_.class_name(index), model_.class_wnid(index), run_.scores.data()[at],
          run_.probabilities.data()[at]};
}

}  // namespace hdecomp
