/// Where in a photograph a node of its tree looks.
#pragma once

#include <string>

#include "hdecomp/hdecomp.h"

namespace hdecomp::tools {

enum class RegionKind { mask, field };

/// What --at says, and how the region is made of it.
struct RegionQuestion {
  std::string at;  // LAYER:CHANNEL, LAYER:CHANNEL@Y,X, or top
  RegionKind kind = RegionKind::mask;
  double mask_threshold = 0.5;
};

struct EvidenceRegion {
  PhotoRegion region;
  std::string node;     // "conv5_3:70@3,3"
  bool in_tree = true;  // else the channel is counted straight from the class
};

/// Throws UserError that names the flag for a threshold out of range.
void check_region(const RegionQuestion& question);

/// The region of a node: of the first one in the tree that is named so, which must keep its maps;
/// of a channel that the tree does not have, its map of the class itself. Throws UserError that
/// names --at for what is not there, has no A above 0, or lies over no pixel.
EvidenceRegion evidence_region(Explainer& explainer, const Image& photo, const Tree& tree,
                               const RegionQuestion& question);

}  // namespace hdecomp::tools
