/// Reading class scores.
#include "runtime/network/classification.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace hdecomp {
namespace {

float sigmoid(float score) { return static_cast<float>(1 / (1 + std::exp(-double{score}))); }

}  // namespace

std::vector<ClassScore> Classification::ranking(int64_t image, int count) const {
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

ClassScore Classification::score_of(int64_t image, int64_t index) const {
  const int64_t at = image * model_.class_count() + index;
  const float score = run_.scores.data()[at];
  const float probability =
      model_.output_count() == 1 ? sigmoid(score) : run_.probabilities.data()[at];
  return {index, model_.class_name(index), model_.class_wnid(index), score, probability};
}

}  // namespace hdecomp
