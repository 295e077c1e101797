/// Reading class scores.
#include "runtime/network/classification.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace hdecomp {
namespace {

float sigmoid(float score) { return static_cast<float>(1 / (1 + std::exp(-double{score}))); }

}  // namespace

std::vector<double> log_probabilities(const Model& model, std::span<const float> scores) {
  std::vector<double> logs;
  if (model.output_count() == 1) {  // log sigmoid(s) = min(s, 0) - log(1 + e^-|s|)
    for (const float score : scores) {
      logs.push_back(std::min(double{score}, 0.0) - std::log1p(std::exp(-std::abs(double{score}))));
    }
    return logs;
  }
  const double most = *std::ranges::max_element(scores);
  double sum = 0;
  for (const float score : scores) sum += std::exp(score - most);
  for (const float score : scores) logs.push_back(score - most - std::log(sum));
  return logs;
}

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
