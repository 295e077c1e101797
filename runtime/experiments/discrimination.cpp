/// Eq. 13 and Morcos' selectivity from the rows of many images.
#include "hdecomp/discrimination.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "hdecomp/error.h"
#include "kernels/core/random_normal.h"

namespace hdecomp {
namespace {

constexpr double undefined = std::numeric_limits<double>::quiet_NaN();

/// max / sum; NaN where the sum is 0.
double largest_share(std::span<const double> counts) {
  double sum = 0;
  for (const double count : counts) sum += count;
  return sum > 0 ? *std::ranges::max_element(counts) / sum : undefined;
}

double selectivity(std::span<const double> means) {
  if (means.size() < 2) return undefined;
  const auto most = std::ranges::max_element(means);
  double rest = 0;
  for (auto mean = means.begin(); mean != means.end(); ++mean) rest += mean == most ? 0 : *mean;
  rest /= static_cast<double>(means.size() - 1);
  return *most > 0 && *most + rest > 0 ? (*most - rest) / (*most + rest) : undefined;
}

/// By class that has an image, (classes, channels): the sums over its images.
struct ClassSums {
  std::vector<int32_t> classes;  // rising
  std::vector<double> images;
  std::vector<double> chosen, features;

  ClassSums(std::span<const float> rows, std::span<const float> means,
            std::span<const int32_t> labels)
      : classes(labels.begin(), labels.end()) {
    std::ranges::sort(classes);
    const auto [rest, end] = std::ranges::unique(classes);
    classes.erase(rest, end);
    const size_t channels = rows.size() / labels.size();
    images.resize(classes.size());
    chosen.resize(classes.size() * channels);
    features.resize(chosen.size());
    for (size_t i = 0; i < labels.size(); ++i) {
      const size_t c = std::ranges::lower_bound(classes, labels[i]) - classes.begin();
      ++images[c];
      for (size_t k = 0; k < channels; ++k) {
        chosen[c * channels + k] += rows[i * channels + k];
        features[c * channels + k] += means[i * channels + k];
      }
    }
  }
};

/// A field's rows of the measured images alone.
std::vector<float> measured(const ResultsFile& results, const std::string& field) {
  const std::vector<float> all = results.values(field);
  const std::vector<ImageState>& states = results.states();
  const size_t size = all.size() / states.size();
  std::vector<float> rows;
  for (size_t i = 0; i < states.size(); ++i) {
    if (states[i] != ImageState::measured) continue;
    rows.insert(rows.end(), all.begin() + static_cast<long>(i * size),
                all.begin() + static_cast<long>((i + 1) * size));
  }
  return rows;
}

}  // namespace

Discrimination discrimination(std::span<const float> chosen, std::span<const float> features,
                              std::span<const int32_t> labels) {
  if (labels.empty() || chosen.size() != features.size() || chosen.size() % labels.size() != 0) {
    throw Error(joined(chosen.size(), " counts and ", features.size(), " features of ",
                       labels.size(), " images"));
  }
  const ClassSums sums(chosen, features, labels);
  const size_t channels = chosen.size() / labels.size(), classes = sums.classes.size();
  Discrimination result;
  result.classes = static_cast<int64_t>(classes);
  std::vector<double> counts(classes), rates(classes), means(classes);
  for (size_t k = 0; k < channels; ++k) {
    double all = 0;
    for (size_t c = 0; c < classes; ++c) {
      counts[c] = sums.chosen[c * channels + k];
      rates[c] = counts[c] / sums.images[c];
      means[c] = sums.features[c * channels + k] / sums.images[c];
      all += counts[c];
    }
    const auto best = std::ranges::max_element(counts) - counts.begin();
    result.chosen.push_back(all);
    result.best.push_back(all > 0 ? sums.classes[best] : -1);
    result.degree.push_back(largest_share(counts));
    result.balanced.push_back(largest_share(rates));
    result.selectivity.push_back(selectivity(means));
  }
  return result;
}

StageRows stage_rows(const ResultsFile& results, const std::string& layer) {
  StageRows rows{
      measured(results, chosen_field(layer)), measured(results, feature_field(layer)), {}};
  if (results.plan().options.at("count") == "image") {
    for (float& count : rows.chosen) count = std::min(count, 1.0f);
  }
  for (size_t i = 0; i < results.states().size(); ++i) {
    if (results.states()[i] == ImageState::measured) {
      rows.labels.push_back(results.plan().labels[i]);
    }
  }
  return rows;
}

std::vector<int32_t> shuffled_labels(std::vector<int32_t> labels, uint64_t seed, uint64_t round) {
  shuffle(std::span(labels), stream_of(seed, round));
  return labels;
}

}  // namespace hdecomp
