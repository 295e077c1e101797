/// Eq. 13 over a results file, laid out by stage and by channel.
#include "tools/tables/discrimination_tables.h"

#include <algorithm>
#include <functional>

#include "hdecomp/error.h"

namespace hdecomp::tools {
namespace {

using Stage = DiscriminationStage;

Table by_stage(const std::vector<Stage>& stages, const std::string& min_count) {
  Table table{{"channels of the stage"}, {}};
  for (const Stage& stage : stages) table.header.push_back(stage.layer);
  using Of = std::function<double(const Stage&)>;
  const auto add = [&](const std::string& name, int digits, const Of& of) {
    table.rows.push_back({name});
    for (const Stage& stage : stages) table.rows.back().push_back(cell(of(stage), digits));
  };
  const std::string enough = ", chosen " + min_count + " times";
  constexpr auto degree = &Discrimination::degree;
  constexpr auto balanced = &Discrimination::balanced;
  constexpr auto selectivity = &Discrimination::selectivity;
  add("all", 0, [](const Stage& s) { return static_cast<double>(s.own.chosen.size()); });
  add("never chosen", 0, [](const Stage& s) { return s.count(0, 1); });
  add("chosen less than " + min_count + " times", 0,
      [](const Stage& s) { return s.count(1, s.least); });
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

DiscriminationTables discriminations(const std::vector<Stage>& stages, const std::string& min_count,
                                     const Model& model) {
  return {by_stage(stages, min_count), by_channel(stages, model)};
}

}  // namespace hdecomp::tools
