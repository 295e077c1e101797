/// Results as JSON.
#pragma once

#include <string>

#include "hdecomp/ablation.h"
#include "hdecomp/export.h"
#include "hdecomp/tree.h"

namespace hdecomp {

/// The tree as `tree.json` holds it (tools/TREE_JSON.md): one JSON object, versioned. `indent`:
/// spaces per level, -1 for one line.
HDECOMP_API std::string to_json(const Tree& tree, int indent = -1);
HDECOMP_API std::string to_json(const DecisionStep& step, int indent = -1);
HDECOMP_API std::string to_json(const Ablation& ablation, int indent = -1);

}  // namespace hdecomp
