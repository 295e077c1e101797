/// Eq. 13 over a results file, laid out by stage and by channel.
#include "tools/discrimination_tables.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "hdecomp/discrimination.h"
#include "hdecomp/error.h"

namespace hdecomp::tools {
namespace {

using Values = std::vector<double> Discrimination::*;

/// A stage with its images' own labels, and with the labels in each order of chance.
struct Stage {
  std::string layer;
  Discrimination own;
  std::vector<Discrimination> shuffled;
  double least = 1;  // how often a channel must be chosen to count

  /// Of the channels chosen at least `most_rare` times those values that are numbers, rising.
  std::vector<double> sorted(const Discrimination& of, Values values, double most_rare) const {
    std::vector<double> list;
    for (size_t k = 0; k < own.chosen.size(); ++k) {
      const double value = (of.*values)[k];
      if (own.chosen[k] >= most_rare && std::isfinite(value)) list.push_back(value);
    }
    std::ranges::sort(list);
    return list;
  }

  double mean(const Discrimination& of, Values values, double most_rare) const {
    double sum = 0;
    const std::vector<double> list = sorted(of, values, most_rare);
    for (const double value : list) sum += value;
    return sum / static_cast<double>(list.size());
  }

  /// The mean over the orders of chance.
  double by_chance(Values values, double most_rare) const {
    double sum = 0;
    for (const Discrimination& one : shuffled) sum += mean(one, values, most_rare);
    return sum / static_cast<double>(shuffled.size());
  }

  /// Linear between the neighbours, as numpy's.
  double quantile(double share) const {
    const std::vector<double> list = sorted(own, &Discrimination::degree, least);
    if (list.empty()) return std::numeric_limits<double>::quiet_NaN();
    const double at = share * static_cast<double>(list.size() - 1);
    const auto low = static_cast<size_t>(at);
    const size_t high = std::min(low + 1, list.size() - 1);
    return list[low] + (at - static_cast<double>(low)) * (list[high] - list[low]);
  }

  double channel_by_chance(size_t channel) const {
    double sum = 0;
    for (const Discrimination& one : shuffled) sum += one.degree[channel];
    return sum / static_cast<double>(shuffled.size());
  }
};

std::vector<Stage> stages_of(const ResultsFile& results) {
  std::vector<Stage> stages;
  if (results.count(ImageState::measured) == 0) return stages;
  const auto& options = results.plan().options;
  for (const std::string& step : results.plan().steps) {
    Stage& stage = stages.emplace_back();
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

Table by_stage(const std::vector<Stage>& stages, const std::string& min_count) {
  Table table{{"channels of the stage"}, {}};
  for (const Stage& stage : stages) table.header.push_back(stage.layer);
  using Of = std::function<double(const Stage&)>;
  const auto add = [&](const std::string& name, int digits, const Of& of) {
    table.rows.push_back({name});
    for (const Stage& stage : stages) table.rows.back().push_back(cell(of(stage), digits));
  };
  const auto count = [](const Stage& stage, double least, double below) {
    return static_cast<double>(std::ranges::count_if(
        stage.own.chosen, [&](double chosen) { return chosen >= least && chosen < below; }));
  };
  const std::string enough = ", chosen " + min_count + " times";
  constexpr auto degree = &Discrimination::degree;
  constexpr auto balanced = &Discrimination::balanced;
  constexpr auto selectivity = &Discrimination::selectivity;
  add("all", 0, [](const Stage& s) { return static_cast<double>(s.own.chosen.size()); });
  add("never chosen", 0, [&](const Stage& s) { return count(s, 0, 1); });
  add("chosen less than " + min_count + " times", 0,
      [&](const Stage& s) { return count(s, 1, s.least); });
  add("D, all that are chosen", 3, [](const Stage& s) { return s.mean(s.own, degree, 1); });
  add("D by chance, all that are chosen", 3, [](const Stage& s) { return s.by_chance(degree, 1); });
  add("D" + enough, 3, [](const Stage& s) { return s.mean(s.own, degree, s.least); });
  add("D by chance" + enough, 3, [](const Stage& s) { return s.by_chance(degree, s.least); });
  for (const auto& [name, share] :
       {std::pair("lower quartile", 0.25), {"median", 0.5}, {"upper quartile", 0.75}}) {
    add("D" + enough + ", " + name, 3, [&](const Stage& s) { return s.quantile(share); });
  }
  add("D of balanced classes" + enough, 3,
      [](const Stage& s) { return s.mean(s.own, balanced, s.least); });
  add("D of balanced classes by chance" + enough, 3,
      [](const Stage& s) { return s.by_chance(balanced, s.least); });
  add("the least D, 1 / classes", 3,
      [](const Stage& s) { return 1 / static_cast<double>(s.own.classes); });
  add("class selectivity, all", 3, [](const Stage& s) { return s.mean(s.own, selectivity, 0); });
  add("class selectivity by chance, all", 3,
      [](const Stage& s) { return s.by_chance(selectivity, 0); });
  return table;
}

Table by_channel(const std::vector<Stage>& stages, const Model& model) {
  Table table{{"layer", "channel", "chosen", "class", "name", "D", "D balanced", "D by chance",
               "class selectivity"},
              {}};
  for (const Stage& stage : stages) {
    for (size_t k = 0; k < stage.own.chosen.size(); ++k) {
      const int32_t best = stage.own.best[k];
      table.rows.push_back({stage.layer, joined(k), cell(stage.own.chosen[k], 0), joined(best),
                            best < 0 ? "" : model.class_name(best), cell(stage.own.degree[k], 6),
                            cell(stage.own.balanced[k], 6), cell(stage.channel_by_chance(k), 6),
                            cell(stage.own.selectivity[k], 6)});
    }
  }
  return table;
}

}  // namespace

DiscriminationTables discriminations(const ResultsFile& results, const Model& model) {
  const std::vector<Stage> stages = stages_of(results);  // every order of chance over all rows
  return {by_stage(stages, results.plan().options.at("min_count")), by_channel(stages, model)};
}

}  // namespace hdecomp::tools
