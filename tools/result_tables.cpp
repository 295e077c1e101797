/// Means over images, laid out as the paper's Table 1 and the numbers behind Fig. 6 and 7.
#include "tools/result_tables.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <sstream>

#include "hdecomp/error.h"
#include "hdecomp/experiment.h"
#include "tools/attack.h"
#include "tools/context_tables.h"
#include "tools/discrimination_tables.h"

namespace hdecomp::tools {
namespace {

/// One field over all images: at each place the sum and the count of what is finite.
class Column {
 public:
  Column(const ResultsFile& results, const std::string& name) {
    const auto& fields = results.plan().fields;
    const auto field = std::ranges::find(fields, name, &ResultField::name);
    sums_.resize(field->size());
    counts_.resize(sums_.size());
    squares_.resize(sums_.size());
    const std::vector<float> values = results.values(name);
    for (size_t i = 0; i < values.size(); ++i) {
      if (!std::isfinite(values[i])) continue;
      sums_[i % sums_.size()] += values[i];
      squares_[i % sums_.size()] += double{values[i]} * double{values[i]};
      ++counts_[i % sums_.size()];
    }
  }

  /// Of the images' values around their mean.
  double deviation(size_t at) const {
    const double mean_square = squares_.at(at) / static_cast<double>(counts_.at(at));
    return std::sqrt(std::max(0.0, mean_square - mean(at) * mean(at)));
  }
  double mean(size_t at) const { return sums_.at(at) / static_cast<double>(counts_.at(at)); }
  double sum(size_t at) const { return sums_.at(at); }

 private:
  std::vector<double> sums_, squares_;
  std::vector<int64_t> counts_;
};

Table with_steps(const ResultsFile& results, const std::string& first) {
  Table table{{first}, {}};
  table.header.insert(table.header.end(), results.plan().steps.begin(), results.plan().steps.end());
  return table;
}

Table correlations(const ResultsFile& results) {
  const Column correlation(results, "correlation"), constant(results, "constant"),
      decisions(results, "decisions");
  const size_t steps = results.plan().steps.size(), strategies = std::size(pcc_strategies);
  Table table = with_steps(results, "PCC");
  for (size_t s = 0; s < strategies; ++s) {
    table.rows.push_back({pcc_strategies[s]});
    for (size_t t = 0; t < steps; ++t) {
      table.rows.back().push_back(cell(correlation.mean(strategies * t + s)));
    }
  }
  for (size_t s = 0; s < strategies; ++s) {
    table.rows.push_back({joined(pcc_strategies[s], " constant")});
    for (size_t t = 0; t < steps; ++t) {
      table.rows.back().push_back(cell(constant.sum(strategies * t + s), 0));
    }
  }
  table.rows.push_back({"decisions"});
  for (size_t t = 0; t < steps; ++t) table.rows.back().push_back(cell(decisions.sum(t), 0));
  table.rows.push_back({"the fill changes nothing"});
  for (const int64_t count : unchanged_of(results)) table.rows.back().push_back(joined(count));
  return table;
}

Table maskings(const ResultsFile& results) {
  const std::pair<const char*, Column> curves[]{
      {"most", {results, "most_important"}},
      {"least", {results, "least_important"}},
      {"most, above the mean", {results, "most_important_mean"}},
      {"least, above the mean", {results, "least_important_mean"}}};
  const auto sizes = static_cast<size_t>(results.plan().fields.front().extent.back());
  Table table{{"change of F"}, {}};
  for (size_t i = 0; i < sizes; ++i) table.header.push_back(joined("k=", int64_t{1} << i));
  for (size_t t = 0; t < results.plan().steps.size(); ++t) {
    for (const auto& [name, column] : curves) {
      table.rows.push_back({joined(results.plan().steps[t], " ", name)});
      for (size_t i = 0; i < sizes; ++i) {
        table.rows.back().push_back(cell(column.mean(t * sizes + i)));
      }
    }
  }
  return table;
}

Table distributions(const ResultsFile& results) {
  Table table = with_steps(results, "per decision");
  const std::vector<std::pair<const char*, const char*>> names{
      {"activated channels", "activated"},
      {"of them overlapping", "overlapping"},
      {"groups of overlapping channels", "groups"},
      {"a group's drop, of F", "group_drop"},
      {"its members' drops added up, of F", "members_drop"},
      {"A at the highest peaks, of positive A", "first_peaks"},
      {"A at further peaks, of positive A", "extra_peaks"}};
  table.rows.push_back({"channels"});
  for (size_t t = 0; t < results.plan().steps.size(); ++t) {
    table.rows.back().push_back(joined(results.plan().fields[2 * t].size()));
  }
  for (const auto& [shown, field] : names) {
    const Column column(results, field);
    const bool share = std::string(shown).find(", of ") != std::string::npos;
    table.rows.push_back({shown});
    for (size_t t = 0; t < results.plan().steps.size(); ++t) {
      table.rows.back().push_back(cell(column.mean(t), share ? 4 : 1));
    }
  }
  return table;
}

/// The last part of a step's name: the stage that is decomposed into.
std::string lower_layer(const std::string& step) { return step.substr(step.find("->") + 2); }

Table sparse_networks(const ResultsFile& results) {
  const size_t sizes = results.plan().fields.front().extent.back();
  Table table{{"mean over images"}, {}};
  for (size_t s = 0; s < sizes; ++s) table.header.push_back(joined("k=", int64_t{1} << s));
  const std::pair<const char*, const char*> measures[]{
      {"match", "match"}, {"accuracy", "correct"}, {"KL divergence", "divergence"}};
  const auto add = [&](const std::string& name, const Column& column, size_t first) {
    table.rows.push_back({name});
    for (size_t s = 0; s < sizes; ++s) table.rows.back().push_back(cell(column.mean(first + s)));
  };
  for (const auto& [shown, field] : measures) {
    const Column column(results, field);
    for (size_t way = 0; way < std::size(sparse_ways); ++way) {
      add(joined(shown, ", ", sparse_ways[way]), column, way * sizes);
    }
  }
  const Column kept(results, "kept"), full(results, "full_correct");
  for (size_t t = 0; t < results.plan().steps.size(); ++t) {
    add("channels kept, " + lower_layer(results.plan().steps[t]), kept, t * sizes);
  }
  table.rows.push_back({"accuracy, full network"});
  table.rows.back().resize(sizes + 1, cell(full.mean(0)));
  return table;
}

Table importances(const ResultsFile& results) {
  const size_t sizes = results.plan().fields.front().extent.back();
  const size_t methods = std::size(importance_methods);
  Table table{{"mean over images"}, {}};
  for (size_t s = 0; s < sizes; ++s) table.header.push_back(joined("n=", int64_t{1} << s));
  const std::pair<const char*, const char*> measures[]{
      {"accuracy", "correct"}, {"match", "match"}, {"F'/F", "score"}};
  for (const auto& [shown, field] : measures) {
    const Column column(results, field);
    for (size_t t = 0; t < results.plan().steps.size(); ++t) {
      for (size_t m = 0; m < methods; ++m) {
        table.rows.push_back({joined(lower_layer(results.plan().steps[t]), " ", shown, ", ",
                                     importance_methods[m])});
        for (size_t s = 0; s < sizes; ++s) {
          table.rows.back().push_back(cell(column.mean((t * methods + m) * sizes + s)));
        }
      }
    }
  }
  const Column gap(results, "incompleteness"), full(results, "full_correct");
  for (size_t t = 0; t < results.plan().steps.size(); ++t) {
    table.rows.push_back({joined(lower_layer(results.plan().steps[t]), " incompleteness")});
    table.rows.back().resize(sizes + 1, cell(gap.mean(t), 4));
  }
  table.rows.push_back({"accuracy, full network"});
  table.rows.back().resize(sizes + 1, cell(full.mean(0)));
  return table;
}

std::vector<std::string> methods_of(const ResultsFile& results) {
  std::vector<std::string> names;
  std::istringstream listed(results.plan().options.at("methods"));
  for (std::string name; std::getline(listed, name, ',');) names.push_back(name);
  return names;
}

/// A row for each method and measure, a column for each step, then the mean over the steps.
Table changed_maps(const ResultsFile& results) {
  const std::vector<std::string> methods = methods_of(results);
  const size_t steps = results.plan().steps.size(), controls = std::size(randomise_controls);
  Table table = with_steps(results, "mean over images");
  table.header.push_back("all steps");
  const std::pair<const char*, const char*> measures[]{
      {"absolute", "absolute"}, {"signed", "signed"}, {"SSIM", "ssim"}};
  for (const auto& [shown, field] : measures) {
    const Column column(results, field);
    for (size_t m = 0; m < methods.size(); ++m) {
      std::vector<std::string> means{methods[m] + ", " + shown}, deviations{means[0] + ", s.d."};
      double sum = 0;
      for (size_t s = 0; s < steps; ++s) {
        means.push_back(cell(column.mean(m * steps + s)));
        deviations.push_back(cell(column.deviation(m * steps + s)));
        sum += column.mean(m * steps + s);
      }
      means.push_back(cell(sum / static_cast<double>(steps)));
      deviations.emplace_back();
      table.rows.push_back(std::move(means));
      table.rows.push_back(std::move(deviations));
    }
  }
  const Column undefined(results, "undefined"), absolute(results, "control_absolute"),
      with_sign(results, "control_signed"), emprt(results, "emprt"), score(results, "score");
  const auto add_alone = [&](const std::string& name, double value) {
    table.rows.push_back({name});
    table.rows.back().resize(steps + 1);
    table.rows.back().push_back(cell(value));
  };
  for (size_t m = 0; m < methods.size(); ++m) {
    table.rows.push_back({methods[m] + ", undefined"});
    for (size_t s = 0; s < steps; ++s) {
      table.rows.back().push_back(cell(undefined.sum(m * steps + s), 0));
    }
    table.rows.back().emplace_back();
    for (size_t c = 0; c < controls; ++c) {
      const std::string name = joined(methods[m], " against ", randomise_controls[c]);
      add_alone(name + ", absolute", absolute.mean(m * controls + c));
      add_alone(name + ", signed", with_sign.mean(m * controls + c));
    }
    add_alone(methods[m] + ", eMPRT", emprt.mean(m));
  }
  table.rows.push_back({"score of the class before"});
  for (size_t s = 0; s < steps; ++s) table.rows.back().push_back(cell(score.mean(s)));
  table.rows.back().emplace_back();
  return table;
}

}  // namespace

std::vector<int64_t> unchanged_of(const ResultsFile& results) {
  const auto& fields = results.plan().fields;
  if (std::ranges::find(fields, "unchanged", &ResultField::name) == fields.end()) return {};
  const Column unchanged(results, "unchanged");
  std::vector<int64_t> counts;
  for (size_t t = 0; t < results.plan().steps.size(); ++t) {
    counts.push_back(static_cast<int64_t>(unchanged.sum(t)));
  }
  return counts;
}

ResultTables tables_of(const ResultsFile& results, const Model& model) {
  const std::string& experiment = results.plan().experiment;
  if (experiment == "pcc") return {correlations(results)};
  if (experiment == "masking") return {maskings(results)};
  if (experiment == "distribution") return {distributions(results)};
  if (experiment == "sparse") return {sparse_networks(results)};
  if (experiment == "importance") return {importances(results)};
  if (experiment == "randomise" || experiment == "compare-models") return {changed_maps(results)};
  if (experiment == "discriminate") {
    DiscriminationTables both = discriminations(results, model);
    return {std::move(both.stages), std::move(both.channels)};
  }
  if (experiment == "attack") return {attacks(results), attacked_channels(results, model)};
  if (experiment == "context") {
    ContextTables both = contexts(results, model);
    return {std::move(both.classes), {}, std::move(both.labels)};
  }
  throw Error("no table of the experiment " + experiment);
}

}  // namespace hdecomp::tools
