/// All files of one tree in its output folder: tree.json, pictures, the report.
#pragma once

#include <string>

#include "hdecomp/explainer.h"
#include "tools/verbs.h"

namespace hdecomp::tools {

/// Whether explaining must keep the nodes' maps.
bool needs_maps(const ExplainCommandOptions& options);

/// What is written into `folder` for the image called `image_name`, `maps` into the report. Throws
/// UserError if it cannot be; nothing is left behind then.
void write_tree(Tree& tree, const ExplainCommandOptions& options, const std::string& folder,
                const std::string& image_name, const Image& photo, const Model& model,
                bool show_progress, std::vector<SaliencyMap> maps = {});

}  // namespace hdecomp::tools
