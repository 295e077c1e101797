/// The means file (tools/RESULTS_FORMAT.md).
#pragma once

#include <string>
#include <vector>

#include "nets/graph.h"

namespace hdecomp {

/// What the file holds beside its format's name.
struct MeansFile {
  std::string model_sha256;
  int64_t images = 0;
  std::vector<std::vector<double>> means;  // one per node but the scores, one number per channel
};

/// Always the same bytes for the same means. Throws UserError if it cannot be written; no part of
/// it stays behind.
void write_means(const std::string& path, const Graph& graph, const MeansFile& content);

/// Throws UserError, one line that begins with the path, for what is no means file of this network
/// or has another model's SHA-256. `scores`: the node of the class scores, which have no means.
MeansFile read_means(const std::string& path, const Graph& graph, int scores,
                     const std::string& model_sha256);

}  // namespace hdecomp
