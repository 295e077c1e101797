/// What was changed, what is said then, and how that is told.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "hdecomp/hdecomp.h"
#include "tools/runs/fill.h"
#include "tools/trees/class_changes.h"
#include "tools/trees/evidence_region.h"

namespace hdecomp::tools {

/// Pixels of a region, or channels.
struct Change {
  std::optional<EvidenceRegion> of_pixels;  // a box has no node
  RegionFill pixels = RegionFill::grey;
  std::string kind;  // "box", "mask" or "field"; "off" of channels
  Fill channels;
};

struct WhatIfResult {
  std::string image;
  int64_t width = 0, height = 0;  // of the photograph
  uint64_t seed = 0;
  Change change;
  WhatIf says;
  std::optional<Tree> tree_before, tree_after;  // none where the score is not positive (Eq. 1)
  Timings timings_ms;
};

/// The change in a few words: "box 10,20,30,40 filled with grey", "conv5_3:70 off (mean)".
std::string change_text(const WhatIfResult& result);
/// What chance does, a line.
std::string control_text(const WhatIfResult& result);

/// What was changed, what it did to the class, and what chance does: a line each.
std::vector<std::string> what_if_lines(const WhatIfResult& result);

/// All that the terminal shows, trees down to `levels` levels.
std::string what_if_text(const WhatIfResult& result, int levels);
/// Both trees in one: each node's share before and after.
std::string tree_pair_text(const WhatIfResult& result, int levels);

/// One object (tools/WHAT_IF_JSON.md), with both trees where `trees`.
void write_what_if_json(const WhatIfResult& result, bool trees, const TextSink& sink);

}  // namespace hdecomp::tools
