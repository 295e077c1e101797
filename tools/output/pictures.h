/// The pictures of a tree's evidence, drawn side by side.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "hdecomp/drawing.h"
#include "hdecomp/json.h"
#include "hdecomp/tree_files.h"
#include "tools/output/output_folder.h"

namespace hdecomp::tools {

/// Draws one thing and writes it into the folder.
using PictureJob = std::function<void(const OutputFolder&)>;

/// Of every node below `root` a file in maps/ of `inside`, the folder itself ("") or one in it,
/// once however often the tree meets its parent: "maps/0.2_conv4_3-113.png" is the third child of
/// the root's first child, where the tree meets it first. Features with a guided backpropagation
/// get a picture in guided/: "guided/conv4_3-113@6,8.png"; where `maps` is not asked for, that
/// alone. Makes the folders; the tree and the painter must outlive the jobs. Throws UserError
/// if there are more than `most_pictures`.
std::vector<PictureJob> node_pictures(const TreeNode& root, bool maps,
                                      const EvidencePainter& painter, const OutputFolder& folder,
                                      const std::filesystem::path& inside);

constexpr size_t most_pictures = 50000;

/// Of a tree "pyramid.png" ("pyramid.svg" and "pyramid.pdf" too, if asked for) and in levels/ a
/// sheet for each level: "levels/1_conv5_3.png". Makes the folder; all given must outlive the jobs.
std::vector<PictureJob> tree_pictures(const Tree& tree, const Image& photo, const Model& model,
                                      const PictureLook& look, const OutputFolder& folder,
                                      const std::filesystem::path& inside);

/// Does the jobs on `threads` threads, the first ones first; `progress`, if any, is called on this
/// one. Throws UserError if one cannot be written, and what `progress` throws.
void draw_all(const std::vector<PictureJob>& jobs, const OutputFolder& folder, int threads,
              const PictureProgress& progress);

/// JSON that names the nodes' files.
JsonOptions with_pictures(Pictures pictures, int indent = -1);

}  // namespace hdecomp::tools
