/// Writes what explain's flags ask for.
#include "tools/trees/tree_files.h"

#include <algorithm>
#include <filesystem>

#include "hdecomp/error.h"
#include "hdecomp/maps_file.h"
#include "tools/choices.h"
#include "tools/output/write_results.h"
#include "tools/runs/session.h"

namespace hdecomp::tools {
namespace {

/// Whether any node has guided backpropagation to draw: a tree without evidence has none.
bool has_guided(const Tree& tree) {
  return std::ranges::any_of(distinct_steps(tree.root), [](const TreeStep& step) {
    return std::ranges::any_of(step.decision->children(),
                               [](const TreeNode& node) { return node.guided != nullptr; });
  });
}

}  // namespace

Pictures pictures_of(const ExplainCommandOptions& options) {
  return options.output_dir.empty() ? Pictures::none
                                    : choice_of<Pictures>(options.pictures, picture_choices);
}

std::string written_words(const ExplainCommandOptions& options, const Tree& tree) {
  const Pictures pictures = pictures_of(options);
  std::string words = joined("wrote ", options.output_dir, "/tree.json");
  if (options.html) words += ", report.html";
  if (!options.maps.empty()) words += ", " + maps_words(options.maps);
  if (pictures != Pictures::none) words += ", pyramid.png, a sheet per level in levels/";
  if (options.svg) words += ", pyramid.svg";
  if (options.pdf) words += ", pyramid.pdf";
  if (pictures == Pictures::all) words += ", a picture per node in maps/";
  if (pictures != Pictures::none && has_guided(tree)) words += ", guided/";
  return words;
}

void write_maps(const std::string& form, const TreeNode& root, const OutputFolder& folder) {
  if (form == "h5") save_maps_hdf5(root, folder.staged("maps.h5"));
  if (form != "npy") return;
  folder.make_folder("maps");
  save_maps_npy(root, folder.staged("maps"));
}

std::string maps_words(const std::string& form) {
  return form == "h5" ? "maps.h5" : "a .npy file per decision in maps/";
}

std::optional<Tree> tree_of(Explainer& explainer, const Image& image, const ClassScore& decision,
                            const ExplainOptions& options) {
  if (!(decision.score > 0)) return {};
  ExplainOptions asked = options;
  asked.target = joined("index:", decision.index);
  return explainer.explain(image, asked);
}

void stage_tree(std::optional<Tree>& tree, const CommonOptions& common, OutputFolder& folder,
                const std::filesystem::path& inside, const Image& image, const Model& model) {
  if (!tree) return;
  stage_results(*tree, tree->root, {"", "tree.json", threads_of(common), Pictures::sheets}, folder,
                inside, image, model);
}

std::vector<ComparedPage> compared_pages(const std::vector<ComparedTree>& trees, const Model& model,
                                         int top) {
  std::vector<ComparedPage> pages;
  for (const ComparedTree& one : trees) {
    if (!one.tree) continue;
    pages.push_back({*one.tree, page_subject(one.name, one.image, model, top)});
  }
  return pages;
}

bool needs_maps(const ExplainCommandOptions& options) {
  return !options.output_dir.empty() &&
         (pictures_of(options) != Pictures::none || options.html || !options.maps.empty());
}

void write_tree(Tree& tree, const ExplainCommandOptions& options, const std::string& folder,
                const std::string& image_name, const Image& photo, const Model& model,
                bool show_progress, ReportParts parts) {
  const auto more = [&](OutputFolder& target) {
    write_maps(options.maps, tree.root, target);
    if (!options.html) return;
    const std::string name = std::filesystem::path(image_name).filename().string();
    PageSubject subject = page_subject(name, photo, model, options.top);
    subject.difference = parts.difference;
    for (SaliencyMap& map : parts.maps) subject.maps.emplace_back(std::move(map), photo, model);
    subject.patches = parts.patches;
    if (!parts.patches.empty()) subject.pixels = pixel_number(photo);
    target.write_text("report.html", [&](const TextSink& sink) {
      write_report(tree, model, subject, sink, parts.against);
    });
  };
  write_results(tree, tree.root,
                {folder,
                 "tree.json",
                 threads_of(options.common),
                 pictures_of(options),
                 show_progress,
                 more,
                 {choice_of<Colours>(options.colours, colour_names), options.svg, options.pdf}},
                photo, model);
}

}  // namespace hdecomp::tools
