/// From explain's flags to a tree's files.
#include "tools/trees/tree_files.h"

#include <algorithm>
#include <memory>

#include "hdecomp/error.h"
#include "tools/choices.h"
#include "tools/console/progress.h"
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
  stage_results(*tree, tree->root,
                {"", "tree.json", threads_of(common), Pictures::sheets, counted_pictures()}, folder,
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
  return !options.output_dir.empty() && need_maps(tree_files(options));
}

TreeFiles tree_files(const ExplainCommandOptions& options) {
  TreeFiles files;
  files.pictures = pictures_of(options);
  files.look = {choice_of<Colours>(options.colours, colour_names), options.svg, options.pdf};
  files.maps = options.maps;
  files.html = options.html;
  files.top = options.top;
  files.threads = threads_of(options.common);
  return files;
}

PictureProgress counted_pictures() {
  return [shown = std::shared_ptr<Progress>()](int64_t done, int64_t all) mutable {
    if (!shown) shown = std::make_shared<Progress>("pictures", all);
    shown->reach(done);
  };
}

}  // namespace hdecomp::tools
