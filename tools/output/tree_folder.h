/// All files of one tree in its output folder: tree.json, pictures, raw maps, the report.
#pragma once

#include <optional>
#include <string>

#include "hdecomp/hdecomp.h"
#include "hdecomp/tree_files.h"
#include "tools/output/output_folder.h"
#include "tools/output/pictures.h"
#include "tools/page/page_data.h"

namespace hdecomp::tools {

/// Throws UserError for vectors of a pyramid that is not drawn.
void check_files(const TreeFiles& files);

/// How many draw. Throws UserError for fewer than none.
int threads_of(const TreeFiles& files);

/// Whether explaining must keep the nodes' maps for them.
bool need_maps(const TreeFiles& files);

/// Writes raw maps of the form, if any, into a folder. Throws UserError if it cannot be.
void write_maps(const std::string& form, const TreeNode& root, const OutputFolder& folder);

/// Writes them into `folder` for the image called `image_name`, `parts` into the report, in place
/// of what an earlier call wrote there; adds the time of drawing to the tree's. Throws UserError
/// if it cannot be, or the maps it needs were not kept; nothing is left behind then.
void write_tree(Tree& tree, const TreeFiles& files, const std::string& folder,
                const std::string& image_name, const Image& photo, const Model& model,
                ReportParts parts = {}, const std::optional<PageDifference>& difference = {});

/// report.html, piece by piece; `top`: N. Throws Error where maps were not kept.
void write_report_page(const Tree& tree, int top, const std::string& image_name, const Image& photo,
                       const Model& model, ReportParts parts,
                       const std::optional<PageDifference>& difference, const TextSink& sink);

/// The same of one step: step.json, a picture of each of its nodes, and raw maps if asked for.
void write_step(DecisionStep& step, const TreeFiles& files, const std::string& folder,
                const Image& photo, const Model& model);

}  // namespace hdecomp::tools
