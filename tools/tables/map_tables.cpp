/// Means over images behind Figures 8, 9 and 10.
#include "tools/tables/map_tables.h"

#include <sstream>

#include "hdecomp/error.h"
#include "hdecomp/experiment.h"
#include "tools/tables/result_column.h"

namespace hdecomp::tools {
namespace {

std::vector<std::string> methods_of(const ResultsFile& results) {
  std::vector<std::string> names;
  std::istringstream listed(results.plan().options.at("methods"));
  for (std::string name; std::getline(listed, name, ',');) names.push_back(name);
  return names;
}

/// A measure's means and deviations by step, for each method.
void add_measure(Table& table, const ResultsFile& results, const char* shown, const char* field) {
  const std::vector<std::string> methods = methods_of(results);
  const size_t steps = results.plan().steps.size();
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

/// What has one value for all steps, and how many maps are constant.
void add_controls(Table& table, const ResultsFile& results) {
  const std::vector<std::string> methods = methods_of(results);
  const size_t steps = results.plan().steps.size(), controls = std::size(randomise_controls);
  const Column undefined(results, "undefined"), absolute(results, "control_absolute"),
      with_sign(results, "control_signed"), emprt(results, "emprt");
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
}

}  // namespace

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

Table changed_maps(const ResultsFile& results) {
  const size_t steps = results.plan().steps.size();
  Table table = with_steps(results, "mean over images");
  table.header.push_back("all steps");
  const std::pair<const char*, const char*> measures[]{
      {"absolute", "absolute"}, {"signed", "signed"}, {"SSIM", "ssim"}};
  for (const auto& [shown, field] : measures) {
    add_measure(table, results, shown, field);
  }
  add_controls(table, results);
  const Column score(results, "score");
  table.rows.push_back({"score of the class before"});
  for (size_t s = 0; s < steps; ++s) table.rows.back().push_back(cell(score.mean(s)));
  table.rows.back().emplace_back();
  return table;
}

}  // namespace hdecomp::tools
