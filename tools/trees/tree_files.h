/// What explain's flags ask for of a tree's files, and trees on pages side by side.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "hdecomp/explainer.h"
#include "tools/output/output_folder.h"
#include "tools/output/pictures.h"
#include "tools/output/tree_folder.h"
#include "tools/page/report.h"
#include "tools/verbs.h"

namespace hdecomp::tools {

/// What --pictures and --no-pictures ask for; nothing without --output-dir.
Pictures pictures_of(const ExplainCommandOptions& options);
/// "wrote DIR/tree.json, ...": what explain wrote of this tree into its folder.
std::string written_words(const ExplainCommandOptions& options, const Tree& tree);

/// What --maps writes in words: "a file per decision in maps/".
std::string maps_words(const std::string& form);

/// The tree of a class as `options` say; none where its score is not positive (Eq. 1).
std::optional<Tree> tree_of(Explainer& explainer, const Image& image, const ClassScore& decision,
                            const ExplainOptions& options);

/// Its sheets and tree.json below `inside` of a folder that somebody else commits; nothing without
/// a tree.
void stage_tree(std::optional<Tree>& tree, const CommonOptions& common, OutputFolder& folder,
                const std::filesystem::path& inside, const Image& image, const Model& model);

/// One of several trees on a page, and the image that it is of.
struct ComparedTree {
  const std::optional<Tree>& tree;
  const Image& image;
  std::string name;
};
/// A page of each that is there. The trees must outlive them.
std::vector<ComparedPage> compared_pages(const std::vector<ComparedTree>& trees, const Model& model,
                                         int top);

/// Whether explaining must keep the nodes' maps.
bool needs_maps(const ExplainCommandOptions& options);

/// What the flags ask for in an output folder.
TreeFiles tree_files(const ExplainCommandOptions& options);
/// A counter of pictures on stderr.
PictureProgress counted_pictures();

}  // namespace hdecomp::tools
