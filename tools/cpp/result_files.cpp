/// Tables and pages of results for programs.
#include "hdecomp/result_files.h"

#include <algorithm>
#include <filesystem>

#include "hdecomp/error.h"
#include "tools/cpp/argument_errors.h"
#include "tools/output/output_folder.h"
#include "tools/tables/graph_folder.h"
#include "tools/tables/result_pages.h"
#include "tools/tables/table_files.h"

namespace hdecomp {
namespace {

/// The file, opened again. Throws UserError where it is gone.
ResultsFile results_of(const MeasuredFiles& measured) {
  if (std::error_code fault; !std::filesystem::exists(measured.path, fault)) {
    throw UserError(
        joined(measured.path, ": is gone; tables and pages are made of this results file"));
  }
  return ResultsFile::resume(measured.path, measured.plan);
}

/// Throws UserError where these results are none of class-graph, or have no graph.
tools::ShownGraphs graphs_of(const MeasuredFiles& measured, const ResultLook& look) {
  if (!measured.graphs) {
    throw UserError(joined("class graphs are of 'class-graph'; these results are of '",
                           measured.plan.experiment, "'"));
  }
  tools::ShownGraphs shown =
      tools::shown_graphs(results_of(measured), look.share, measured.model.value(), look.concepts);
  if (shown.graphs.empty()) throw UserError("not one of the images has a tree");
  return shown;
}

}  // namespace

std::vector<TableFile> result_tables(const MeasuredFiles& measured, const ResultLook& look) {
  return tools::in_words_of_arguments([&] {
    return tools::table_files(results_of(measured), measured.model.value(), look.share,
                              look.concepts);
  });
}

void save_tables(const MeasuredFiles& measured, const ResultLook& look) {
  tools::in_words_of_arguments(
      [&] { tools::write_tables(measured.path, result_tables(measured, look)); });
}

std::string result_page(const MeasuredFiles& measured, const ResultLook& look) {
  return tools::in_words_of_arguments([&] {
    const Model& model = measured.model.value();
    if (!measured.graphs) {
      const ResultsFile results = results_of(measured);
      return tools::page_of(results, tools::tables_of(results, model), model,
                            {look.concepts, look.patches});
    }
    std::string page;
    tools::write_graph_page(graphs_of(measured, look), model, look.patches,
                            [&](std::string_view piece) { page += piece; });
    return page;
  });
}

void save_page(const MeasuredFiles& measured, const ResultLook& look) {
  tools::in_words_of_arguments(
      [&] { tools::write_beside(measured.path, ".html", result_page(measured, look)); });
}

void save_class_graphs(const MeasuredFiles& measured, const std::string& output_dir,
                       const ResultLook& look) {
  tools::in_words_of_arguments([&] {
    tools::write_graph_folder(output_dir, graphs_of(measured, look), measured.model.value(),
                              look.patches);
  });
}

Image class_graph_picture(const MeasuredFiles& measured, int64_t of, const ResultLook& look) {
  return tools::in_words_of_arguments([&] {
    const tools::ShownGraphs shown = graphs_of(measured, look);
    const auto found =
        std::ranges::find(shown.graphs, of, [](const ShownGraph& graph) { return graph.kept.of; });
    if (found == shown.graphs.end()) {
      throw UserError(joined("none of the images has a tree of class ", of));
    }
    return tools::graph_picture(shown, *found, measured.model.value());
  });
}

}  // namespace hdecomp
