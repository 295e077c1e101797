/// A picture for each piece of a tree's evidence.
#pragma once

#include "hdecomp/drawing.h"
#include "hdecomp/json.h"
#include "tools/output_folder.h"

namespace hdecomp::tools {

/// Draws every node below `root` into maps/ of `inside`, the folder itself ("") or one in it, on
/// `threads` threads, once however often the tree meets its parent: "maps/0.2_conv4_3-113.png" is
/// the third child of the root's first child, where the tree meets it first. Features with a guided
/// backpropagation get a picture in guided/, too: "guided/conv4_3-113@6,8.png". Throws UserError if
/// there are more than `most_pictures`, or one cannot be written.
void draw_pictures(const TreeNode& root, const EvidencePainter& painter, const OutputFolder& folder,
                   const std::filesystem::path& inside, int threads, bool show_progress);

constexpr size_t most_pictures = 50000;

/// JSON that names those files.
JsonOptions with_pictures(int indent = -1);

}  // namespace hdecomp::tools
