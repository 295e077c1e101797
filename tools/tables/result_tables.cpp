/// Means over images, laid out as the paper's Table 1 and the numbers behind Fig. 6 and 7.
#include "tools/tables/result_tables.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "hdecomp/error.h"
#include "hdecomp/experiment.h"
#include "tools/tables/attack_tables.h"
#include "tools/tables/context_tables.h"
#include "tools/tables/discrimination_tables.h"
#include "tools/tables/map_tables.h"
#include "tools/tables/result_column.h"
#include "tools/tables/what_if_tables.h"

namespace hdecomp::tools {
namespace {

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
    std::vector<DiscriminationStage> stages = discrimination_stages(results);
    DiscriminationTables both =
        discriminations(stages, results.plan().options.at("min_count"), model);
    return {std::move(both.stages), std::move(both.channels), {}, std::move(stages)};
  }
  if (experiment == "attack") return {attacks(results), attacked_channels(results, model)};
  if (experiment == "context") {
    ContextTables both = contexts(results, model);
    return {std::move(both.classes), {}, std::move(both.labels)};
  }
  if (experiment == "what-ifs") return {what_ifs_table(results), what_ifs_channels(results, model)};
  throw Error("no table of the experiment " + experiment);
}

}  // namespace hdecomp::tools
