/// The concepts file (tools/RESULTS_FORMAT.md).
#pragma once

#include <string>
#include <vector>

#include "hdecomp/channel_concepts.h"
#include "nets/graph.h"

namespace hdecomp {

/// What the file holds beside its format's name.
struct ConceptsFile {
  std::string model_sha256;
  int64_t images = 0;
  double share = 0, least_iou = 0;
  std::vector<RegionName> names;
  std::vector<LayerConcepts> layers;
  ConceptsBy by = ConceptsBy::regions;
};

/// Always the same bytes for the same concepts. Throws UserError if it cannot be written; no part
/// of it stays behind.
void write_concepts(const std::string& path, const ConceptsFile& content);

/// Throws UserError, one line that begins with the path, for what is no concepts file of this
/// network or has another model's SHA-256.
ConceptsFile read_concepts(const std::string& path, const Graph& graph,
                           const std::string& model_sha256);

}  // namespace hdecomp
