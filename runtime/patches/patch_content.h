/// What a patches file holds, in memory; and what makes two runs the same.
#pragma once

#include <string>
#include <vector>

#include "hdecomp/patches.h"
#include "runtime/experiments/plan_parts.h"

namespace hdecomp {

struct PatchContent {
  explicit PatchContent(PatchPlan whole);

  /// Throws Error for an image, layer or channel that the plan does not have.
  void add(const PatchNews& news);
  /// All of it as one batch's news.
  PatchNews as_news() const;

  PatchPlan plan;
  std::vector<PatchImage> images;  // one per image of the plan
  std::vector<BestPatches> best;   // one per layer
};

PlanParts parts_of(const PatchPlan& plan);

/// The file (tools/RESULTS_FORMAT.md): always the same bytes for the same content. Throws UserError
/// if it cannot be written; no part of it stays behind.
void write_patches(const std::string& path, const PatchContent& content);
/// Throws UserError, one line that begins with the path, for what is none or damaged.
PatchContent read_patches(const std::string& path);

}  // namespace hdecomp
