/// ConceptSearch: finds names for channels on a segmented data set and writes the file of them
/// (tools/RESULTS_FORMAT.md).
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "hdecomp/channel_concepts.h"
#include "hdecomp/engine_options.h"
#include "hdecomp/image.h"

namespace hdecomp {

struct ConceptOptions {
  std::vector<std::string> layers = {};  // in the file's order; stage ends where empty
  double share = 0.005;                  // of a channel's values: those are its mask
  double least_iou = 0.04;               // with less a channel has no name
};

/// Goes over the images twice: for each channel's threshold, then for what lies above it. A
/// threshold is the lowest number of eight significant bits such that at most `share` of the
/// channel's values over all images are at least it; so it is above the exact quantile by less than
/// 1 / 128 of it. It is found in bounded memory, 16 KiB a channel, where it is above the channel's
/// maximum over 2^16; else it is that. Where the largest values alone are more than their share, it
/// is the largest such number that is not above the maximum.
class HDECOMP_API ConceptSearch {
 public:
  /// Throws what Explainer's constructor throws, and UserError for an unknown layer or one that is
  /// named twice, the class scores among them, and numbers out of range.
  ConceptSearch(Model model, const EngineOptions& engine, const ConceptOptions& options,
                RegionLabels regions);
  ~ConceptSearch();
  ConceptSearch(ConceptSearch&&) noexcept;
  ConceptSearch& operator=(ConceptSearch&&) noexcept;

  const Model& model() const;
  int batch() const;
  /// Up to batch() images with the files of their segmentations. One line per image: why it does
  /// not count; empty for the others.
  std::vector<std::string> add(std::span<const Image> images, std::span<const std::string> regions);
  /// Ends the first time over the images: the same that counted must be added again, all of which
  /// count. Throws Error if none does.
  void begin_overlaps();
  /// How many images count.
  int64_t images() const;
  /// What was found, after the second time. Throws Error before, or if other images were added.
  std::shared_ptr<const ChannelConcepts> found() const;
  /// Writes the concepts file: whole or, on any failure (UserError), not at all.
  void save(const std::string& path, const std::string& model_sha256) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace hdecomp
