/// Results as JSON.
#pragma once

#include <functional>
#include <string>

#include "hdecomp/ablation.h"
#include "hdecomp/export.h"
#include "hdecomp/json_writer.h"
#include "hdecomp/tree.h"

namespace hdecomp {

struct JsonOptions {
  int indent = -1;  // spaces per level, -1 for one line

  // File names of the drawings of a step's evidence number `child`, "" for none; a node's `picture`
  // and `guided_picture`. Without them there are none.
  using FileName = std::function<std::string(const TreeStep& parent, size_t child)>;
  FileName picture = {}, guided_picture = {};
};

/// The tree as `tree.json` holds it (tools/TREE_JSON.md): one JSON object, versioned, handed to
/// `sink` piece by piece.
HDECOMP_API void write_json(const Tree& tree, const TextSink& sink,
                            const JsonOptions& options = {});
HDECOMP_API void write_json(const DecisionStep& step, const TextSink& sink,
                            const JsonOptions& options = {});

/// The same in one piece.
HDECOMP_API std::string to_json(const Tree& tree, int indent = -1);
HDECOMP_API std::string to_json(const DecisionStep& step, int indent = -1);
HDECOMP_API std::string to_json(const Ablation& ablation, int indent = -1);

/// For JSON of one's own: a class's score as an object, and the member "timings_ms".
HDECOMP_API void put_score(JsonWriter& json, const ClassScore& score);
/// The member "levels": a tree's TreeLevels.
HDECOMP_API void put_levels(JsonWriter& json, const std::vector<TreeLevel>& levels);
HDECOMP_API void put_timings(JsonWriter& json, const Timings& timings);

}  // namespace hdecomp
