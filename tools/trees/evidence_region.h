/// Where in a photograph a node of its tree looks.
#pragma once

#include <string>

#include "hdecomp/hdecomp.h"

namespace hdecomp::tools {

/// What --at says, and how the region is made of it.
struct RegionQuestion {
  std::string at;  // LAYER:CHANNEL, LAYER:CHANNEL@Y,X, or top
  EvidencePart part = EvidencePart::mask;
  double mask_threshold = 0.5;
};

struct EvidenceRegion {
  PhotoRegion region;
  std::string node;      // "conv5_3:70@3,3"
  bool in_tree = true;   // the tree has that node
  bool counted = false;  // straight from the class, for want of a node in the tree
};

/// Throws UserError that names the flag for a threshold out of range.
void check_region(const RegionQuestion& question);

/// The region of a node: of the first one in the tree that is named so, which must keep its maps;
/// of a channel that the tree does not have, its map of the class itself, which the receptive field
/// of a place does not need. Throws UserError that names --at for what is not there, has no A above
/// 0, or lies over no pixel.
EvidenceRegion evidence_region(Explainer& explainer, const Image& photo, const Tree& tree,
                               const RegionQuestion& question);

}  // namespace hdecomp::tools
