/// Writes what explain's flags, or a caller in C or Python, ask for.
#include "tools/output/tree_folder.h"

#include <filesystem>

#include "hdecomp/cores.h"
#include "hdecomp/error.h"
#include "hdecomp/maps_file.h"
#include "tools/output/write_results.h"
#include "tools/page/against.h"
#include "tools/page/report.h"

namespace hdecomp::tools {
namespace {

/// Throws UserError where a node has no map.
void require_maps(const TreeNode& root) {
  if (root.children().empty() || root.children().front().map) return;
  throw UserError(
      "pictures, raw maps and the report are made of the nodes' maps; explain with keep_maps");
}

}  // namespace

void check_files(const TreeFiles& files) {
  for (const auto& [asked, flag] :
       {std::pair(files.look.svg, "--svg"), {files.look.pdf, "--pdf"}}) {
    if (!asked || files.pictures != Pictures::none) continue;
    throw UserError(joined(flag, ": is not drawn with --pictures none; leave out either"));
  }
}

int threads_of(const TreeFiles& files) {
  if (files.threads >= 0) return files.threads == 0 ? process_cores() : files.threads;
  throw UserError(joined("threads=", files.threads, "; give 1 or more, 0 for all"));
}

bool need_maps(const TreeFiles& files) {
  return files.pictures != Pictures::none || files.html || !files.maps.empty();
}

void write_maps(const std::string& form, const TreeNode& root, const OutputFolder& folder) {
  if (form == "h5") save_maps_hdf5(root, folder.staged("maps.h5"));
  if (form != "npy") return;
  folder.make_folder("maps");
  save_maps_npy(root, folder.staged("maps"));
}

void write_report_page(const Tree& tree, int top, const std::string& image_name, const Image& photo,
                       const Model& model, ReportParts parts,
                       const std::optional<PageDifference>& difference, const TextSink& sink) {
  const std::string name = std::filesystem::path(image_name).filename().string();
  PageSubject subject = page_subject(name, photo, model, top);
  subject.difference = difference;
  for (SaliencyMap& map : parts.maps) subject.maps.emplace_back(std::move(map), photo, model);
  if (!parts.patches.empty()) subject.pixels = pixel_number(photo);
  subject.patches = std::move(parts.patches);
  write_report(tree, model, subject, sink, as_added(std::move(parts.against)));
}

void write_tree(Tree& tree, const TreeFiles& files, const std::string& folder,
                const std::string& image_name, const Image& photo, const Model& model,
                ReportParts parts, const std::optional<PageDifference>& difference) {
  check_files(files);
  if (need_maps(files)) require_maps(tree.root);
  const auto more = [&](OutputFolder& target) {
    write_maps(files.maps, tree.root, target);
    if (!files.html) return;
    target.write_text("report.html", [&](const TextSink& sink) {
      write_report_page(tree, files.top, image_name, photo, model, std::move(parts), difference,
                        sink);
    });
  };
  write_results(
      tree, tree.root,
      {folder, "tree.json", threads_of(files), files.pictures, files.progress, more, files.look},
      photo, model);
}

void write_step(DecisionStep& step, const TreeFiles& files, const std::string& folder,
                const Image& photo, const Model& model) {
  require_maps(step.decision);
  ResultsPlace place{folder, "step.json", threads_of(files), Pictures::all, files.progress};
  place.more = [&](OutputFolder& target) { write_maps(files.maps, step.decision, target); };
  write_results(step, step.decision, place, photo, model);
}

}  // namespace hdecomp::tools
