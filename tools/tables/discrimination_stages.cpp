/// Eq. 13 over a results file, with labels as they are and shuffled.
#include "tools/tables/discrimination_stages.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "hdecomp/error.h"

namespace hdecomp::tools {

double DiscriminationStage::count(double least_chosen, double below) const {
  return static_cast<double>(std::ranges::count_if(
      own.chosen, [&](double chosen) { return chosen >= least_chosen && chosen < below; }));
}

std::vector<double> DiscriminationStage::sorted(const Discrimination& of, Values values,
                                                double most_rare) const {
  std::vector<double> list;
  for (size_t k = 0; k < own.chosen.size(); ++k) {
    const double value = (of.*values)[k];
    if (own.chosen[k] >= most_rare && std::isfinite(value)) list.push_back(value);
  }
  std::ranges::sort(list);
  return list;
}

double DiscriminationStage::mean(const Discrimination& of, Values values, double most_rare) const {
  double sum = 0;
  const std::vector<double> list = sorted(of, values, most_rare);
  for (const double value : list) sum += value;
  return sum / static_cast<double>(list.size());
}

double DiscriminationStage::by_chance(Values values, double most_rare) const {
  double sum = 0;
  for (const Discrimination& one : shuffled) sum += mean(one, values, most_rare);
  return sum / static_cast<double>(shuffled.size());
}

double DiscriminationStage::quantile(double share) const {
  const std::vector<double> list = sorted(own, &Discrimination::degree, least);
  if (list.empty()) return std::numeric_limits<double>::quiet_NaN();
  const double at = share * static_cast<double>(list.size() - 1);
  const auto low = static_cast<size_t>(at);
  const size_t high = std::min(low + 1, list.size() - 1);
  return list[low] + (at - static_cast<double>(low)) * (list[high] - list[low]);
}

double DiscriminationStage::channel_by_chance(size_t channel) const {
  double sum = 0;
  for (const Discrimination& one : shuffled) sum += one.degree[channel];
  return sum / static_cast<double>(shuffled.size());
}

std::vector<DiscriminationStage> discrimination_stages(const ResultsFile& results) {
  std::vector<DiscriminationStage> stages;
  if (results.count(ImageState::measured) == 0) return stages;
  const auto& options = results.plan().options;
  for (const std::string& step : results.plan().steps) {
    DiscriminationStage& stage = stages.emplace_back();
    stage.layer = lower_layer(step);
    const StageRows rows = stage_rows(results, stage.layer);
    stage.own = discrimination(rows.chosen, rows.features, rows.labels);
    stage.least = std::stod(options.at("min_count"));
    const uint64_t seed = std::stoull(options.at("seed"));
    const uint64_t rounds = std::stoull(options.at("shuffles"));
    for (uint64_t round = 0; round < rounds; ++round) {
      stage.shuffled.push_back(
          discrimination(rows.chosen, rows.features, shuffled_labels(rows.labels, seed, round)));
    }
  }
  return stages;
}

}  // namespace hdecomp::tools
