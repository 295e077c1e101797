/// Writes what explain's flags ask for.
#include "tools/tree_files.h"

#include <filesystem>

#include "tools/page/report.h"
#include "tools/session.h"
#include "tools/write_results.h"

namespace hdecomp::tools {
bool needs_maps(const ExplainCommandOptions& options) {
  return !options.output_dir.empty() && (options.pictures || options.html);
}

void write_tree(Tree& tree, const ExplainCommandOptions& options, const std::string& folder,
                const std::string& image_name, const Image& photo, const Model& model,
                bool show_progress, ReportParts parts) {
  const auto more = [&](OutputFolder& target) {
    if (options.pictures) {
      save_png(draw_pyramid(tree, photo, model), target.staged("pyramid.png"));
    }
    if (!options.html) return;
    const std::string name = std::filesystem::path(image_name).filename().string();
    const Image view = EvidencePainter(photo, model, page_side).view();
    PageSubject subject{name, view, options.top};
    for (SaliencyMap& map : parts.maps) subject.maps.emplace_back(std::move(map), photo, model);
    subject.patches = parts.patches;
    if (!parts.patches.empty()) subject.pixels = pixel_number(photo);
    target.write_text("report.html",
                      [&](const TextSink& sink) { write_report(tree, model, subject, sink); });
  };
  write_results(
      tree, tree.root,
      {folder, "tree.json", threads_of(options.common), options.pictures, show_progress, more},
      photo, model);
}

}  // namespace hdecomp::tools
