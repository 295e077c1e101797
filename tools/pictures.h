/// A picture for every node of a tree.
#pragma once

#include "hdecomp/drawing.h"
#include "tools/output_folder.h"

namespace hdecomp::tools {

/// Draws every node below `root` into maps/ of the folder, on `threads` threads, and notes its file
/// name in the node: "maps/0.2_conv4_3-113.png" is the third child of the root's first child. Nodes
/// with a guided backpropagation get a second picture of that name in guided/. Throws UserError if
/// a picture cannot be written.
void draw_pictures(TreeNode& root, const EvidencePainter& painter, const OutputFolder& folder,
                   int threads, bool show_progress);

}  // namespace hdecomp::tools
