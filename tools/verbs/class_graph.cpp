/// From the rows of class-graph to what people look at.
#include "tools/verbs/class_graph.h"

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "tools/console/complaint.h"
#include "tools/console/json_text.h"
#include "tools/tables/graph_folder.h"
#include "tools/tables/table_files.h"
#include "tools/verbs/experiment_report.h"

namespace hdecomp::tools {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t most_classes = 20;  // rows of classes, in text

/// The graph that is printed: --show's, or the first.
const ShownGraph& wanted_of(const ExperimentCommandOptions& options, const ShownGraphs& shown,
                            const Model& model) {
  if (options.show.empty()) return shown.graphs.front();
  const int64_t of = model.find_class(options.show);
  const auto found =
      std::ranges::find(shown.graphs, of, [](const ShownGraph& g) { return g.kept.of; });
  if (found != shown.graphs.end()) return *found;
  throw UserError(joined("--show ", options.show, ": none of the images has a tree of ",
                         model.class_name(of), "; ", model.class_name(shown.graphs.front().kept.of),
                         " has most"));
}

void print_json(const ResultsFile& results, const ShownGraphs& shown, const Table& classes,
                const Model& model, const Timings& timings_ms) {
  const std::string graphs = json_object([&](JsonWriter& json) {
    json.key("graphs");
    json.begin_array();
    for (const ShownGraph& graph : shown.graphs) {
      put_class_graph(json, graph, model, shown.concepts.get());
    }
    json.end();
  });
  Json result{{"experiment", results.plan().experiment},
              {"options", results.plan().options},
              {"share", shown.share},
              {"measured", results.count(ImageState::measured)},
              {"unreadable", results.count(ImageState::unreadable)},
              {"undecided", results.count(ImageState::undecided)},
              {"header", classes.header},
              {"rows", classes.rows}};
  result["graphs"] = std::move(Json::parse(graphs)["graphs"]);
  result["timings_ms"] = timings_ms;
  std::printf("%s\n", json_text(result).c_str());
}

void print_text(const ExperimentCommandOptions& options, const ResultsFile& results,
                const ShownGraphs& shown, Table table, const ShownGraph& wanted,
                const Model& model) {
  const size_t more = table.rows.size() - std::min(table.rows.size(), most_classes);
  table.rows.resize(table.rows.size() - more);
  std::printf("%s", to_columns(table).c_str());
  if (more > 0) std::printf("%zu more classes in the .csv\n", more);
  std::printf("%lld images measured, %lld unreadable, %lld without a positive decision\n\n%s",
              static_cast<long long>(results.count(ImageState::measured)),
              static_cast<long long>(results.count(ImageState::unreadable)),
              static_cast<long long>(results.count(ImageState::undecided)),
              graph_text(shown, wanted, model).c_str());
  if (!options.output_dir.empty()) {
    std::printf("wrote %s/graphs.html and a picture per class\n", options.output_dir.c_str());
  }
}

}  // namespace

void check_graphs(const ExperimentCommandOptions& options, const Model& model) {
  pruned({}, options.share);
  if (!options.show.empty()) model.find_class(options.show);
}

void tell_graphs(const ExperimentCommandOptions& options, const ResultsFile& results,
                 const Model& model, const ShownBeside& beside, const Timings& timings_ms) {
  const ShownGraphs shown = shown_graphs(results, options.share, model, beside.concepts);
  if (shown.graphs.empty()) {
    throw UserError("not one of the images could be measured, for the reasons above");
  }
  const ShownGraph& wanted = wanted_of(options, shown, model);
  const std::vector<TableFile> files = table_files(shown, model);
  write_tables(options.output, files);
  if (!options.output_dir.empty())
    write_graph_folder(options.output_dir, shown, model, beside.patches);
  const Table classes = graph_classes(shown, model);
  if (options.common.json) return print_json(results, shown, classes, model, timings_ms);
  print_text(options, results, shown, classes, wanted, model);
  print_written(options.output, files);
}

}  // namespace hdecomp::tools
