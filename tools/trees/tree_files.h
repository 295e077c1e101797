/// All files of one tree in its output folder: tree.json, pictures, the report.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "hdecomp/explainer.h"
#include "tools/output/output_folder.h"
#include "tools/output/pictures.h"
#include "tools/page/page_data.h"
#include "tools/page/report.h"
#include "tools/verbs.h"

namespace hdecomp::tools {

/// What a report has beside the tree.
struct ReportParts {
  std::vector<SaliencyMap> maps = {};
  PatchFiles patches = {};
  std::vector<AddedEvidence> against = {};
  std::optional<PageDifference> difference = {};
};

/// What --pictures and --no-pictures ask for; nothing without --output-dir.
Pictures pictures_of(const ExplainCommandOptions& options);
/// "wrote DIR/tree.json, ...": what explain wrote of this tree into its folder.
std::string written_words(const ExplainCommandOptions& options, const Tree& tree);

/// Writes what --maps asks for, if anything, of a tree into its folder. Throws UserError if it
/// cannot be.
void write_maps(const std::string& form, const TreeNode& root, const OutputFolder& folder);
/// The same in words: "a file per decision in maps/".
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

/// What is written into `folder` for the image called `image_name`, `parts` into the report. Throws
/// UserError if it cannot be; nothing is left behind then.
void write_tree(Tree& tree, const ExplainCommandOptions& options, const std::string& folder,
                const std::string& image_name, const Image& photo, const Model& model,
                bool show_progress, ReportParts parts = {});

}  // namespace hdecomp::tools
