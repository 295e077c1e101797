/// ConceptSearch: finds names for channels on a segmented data set and writes the file of them
/// (tools/RESULTS_FORMAT.md).
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "hdecomp/channel_concepts.h"
#include "hdecomp/engine_options.h"
#include "hdecomp/experiment.h"
#include "hdecomp/image.h"
#include "hdecomp/ranks.h"

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
  /// As trees name them, in the file's order.
  std::vector<std::string> layers() const;
  int batch() const;
  /// What the counts hang on besides layers and regions: "device", "precision" and "share".
  std::map<std::string, std::string> told() const;
  /// Up to batch() images with the files of their segmentations. One line per image: why it does
  /// not count; empty for the others.
  std::vector<std::string> add(std::span<const Image> images, std::span<const std::string> regions);
  /// What was counted of this time over the images, as bytes for add_counts(): another search's of
  /// the same questions, or this one's in a later run. The order in which images are added, and by
  /// whom, changes nothing.
  std::vector<uint8_t> counts() const;
  /// The same, and nothing is counted then.
  std::vector<uint8_t> take_counts();
  /// Throws Error for bytes that are none of such a search.
  void add_counts(std::span<const uint8_t> counts);
  /// What the first time over the images found, as bytes.
  std::vector<uint8_t> thresholds() const;
  /// Begins the second time, with what the first one found here or elsewhere: the same images that
  /// counted must be added again, all of which count. Throws Error if none does.
  void begin_overlaps(std::span<const uint8_t> thresholds);
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

/// A run of a ConceptSearch over many images, by one process or MPI's ranks, that goes on where an
/// earlier one was killed: what it knows is beside the file that it makes (FILE.partial).
class HDECOMP_API ConceptRun {
 public:
  struct Options {
    std::string path;  // the concepts file
    bool resume = false;
    // Seconds, about, between two times that what is known is kept: more where that takes long; 0:
    // after each batch.
    double pause = 5;
  };
  /// `plan`: all that decides the names, with the images, each by its name. Throws UserError where
  /// there is something to go on with and `resume` is not set, or it is of another plan, damaged,
  /// or of a run that is not over.
  ConceptRun(ConceptSearch& search, const Ranks& ranks, const Options& options,
             std::vector<std::pair<std::string, std::string>> plan, size_t images);
  ~ConceptRun();

  /// Begins the next time over the images, of two; false: both are over. Throws UserError if after
  /// the first not one of them counts.
  bool next();
  /// Whether this is the second time.
  bool is_second() const;
  /// How many images it is of still; of the first rank.
  int64_t todo() const;
  /// Goes over them; `run` has their segmentations. Throws UserError if one counts no more that
  /// did.
  void go_over(const DatasetRun& run);
  /// Of the first rank: how many images do not count; what was found is in the file then.
  int64_t finish(const std::string& model_sha256);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace hdecomp
