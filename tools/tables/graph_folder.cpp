/// Draws graphs and puts their page together.
#include "tools/tables/graph_folder.h"

#include "hdecomp/error.h"
#include "tools/output/output_folder.h"
#include "tools/page/report.h"

namespace hdecomp::tools {

Image graph_picture(const ShownGraphs& shown, const ShownGraph& graph, const Model& model) {
  return draw_class_graph(graph.kept, model, shown.concepts.get());
}

void write_graph_page(const ShownGraphs& shown, const Model& model, const PatchFiles& patches,
                      const TextSink& sink) {
  write_class_graphs(shown.graphs, shown.share, model, shown.concepts.get(), patches, sink);
}

void write_graph_folder(const std::string& output_dir, const ShownGraphs& shown, const Model& model,
                        const PatchFiles& patches) {
  OutputFolder folder(output_dir);
  for (const ShownGraph& graph : shown.graphs) {
    save_png(graph_picture(shown, graph, model), folder.staged(joined(graph.kept.of, ".png")));
  }
  folder.write_text("graphs.html",
                    [&](const TextSink& sink) { write_graph_page(shown, model, patches, sink); });
  folder.commit_in_place_of_earlier();
}

}  // namespace hdecomp::tools
