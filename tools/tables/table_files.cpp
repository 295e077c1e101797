/// Tables as files, and where they go.
#include "tools/tables/table_files.h"

#include "hdecomp/error.h"
#include "tools/output/output_folder.h"

namespace hdecomp::tools {

std::vector<TableFile> table_files(const ResultTables& tables) {
  std::vector<TableFile> files{{".csv", to_csv(tables.table)}, {".md", to_markdown(tables.table)}};
  if (tables.channels) files.push_back({".channels.csv", to_csv(*tables.channels)});
  if (tables.labels) files.push_back({".labels.csv", to_csv(*tables.labels)});
  return files;
}

std::vector<TableFile> table_files(const ShownGraphs& shown, const Model& model) {
  const Table classes = graph_classes(shown, model);
  return {{".csv", to_csv(classes)},
          {".md", to_markdown(classes)},
          {".edges.csv", to_csv(graph_edges(shown, model))}};
}

std::vector<TableFile> table_files(const ResultsFile& results, const Model& model, double share,
                                   std::shared_ptr<const ChannelConcepts> concepts) {
  if (results.plan().experiment != "class-graph") return table_files(tables_of(results, model));
  const ShownGraphs shown = shown_graphs(results, share, model, std::move(concepts));
  if (shown.graphs.empty()) throw UserError("not one of the images has a tree");
  return table_files(shown, model);
}

void write_tables(const std::string& output, const std::vector<TableFile>& files) {
  for (const TableFile& file : files) write_beside(output, file.extension.c_str(), file.text);
}

}  // namespace hdecomp::tools
