/// Pictures of evidence: activation maps, the whole pyramid, guided backpropagation.
#pragma once

#include <cstdint>

#include "hdecomp/export.h"
#include "hdecomp/image.h"
#include "hdecomp/model.h"
#include "hdecomp/tree.h"

namespace hdecomp {

/// Draws activation maps over one photograph as the network sees it: the maps in jet colours, each
/// one's peak as a dot. Drawing from several threads at once is safe.
class HDECOMP_API EvidencePainter {
 public:
  /// Pictures have the network's aspect ratio, and `side` pixels on the longer side.
  EvidencePainter(const Image& photo, const Model& model, int64_t side = 224);

  /// `node` must keep its map (ExplainOptions::keep_maps); `parent` is the decomposition it comes
  /// from. Throws Error if there is no map.
  Image draw(const TreeNode& node, const Decomposition& parent) const;

  /// The photograph alone, as the pictures show it.
  const Image& view() const { return view_; }

 private:
  Image view_;
};

/// The whole pyramid as one picture (the paper's Fig. 5): the photograph, a row of maps per level,
/// lines to the parents as strong as the share. A level of more nodes than a row has pixels (2370)
/// and those below it are not drawn, but counted. Nodes must keep their maps (keep_maps), else
/// throws Error.
HDECOMP_API Image draw_pyramid(const Tree& tree, const Image& photo, const Model& model);

/// The node's guided backpropagation in colour: 0 is mid grey, the largest magnitude black or
/// white; enlarged by a whole factor to 112 pixels or more on the larger side. `node` must have it
/// (ExplainOptions::guided), else throws Error.
HDECOMP_API Image draw_guided(const TreeNode& node);

}  // namespace hdecomp
