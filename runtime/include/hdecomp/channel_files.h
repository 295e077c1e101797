/// What is known of a network's channels, made from files of photographs: each one's mean, what it
/// looks for, what that is called. What callers in Python and C share; the command's verbs write
/// the same bytes.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "hdecomp/concept_search.h"
#include "hdecomp/experiment_files.h"
#include "hdecomp/patches.h"

namespace hdecomp {

/// What became of the photographs.
struct CountedPhotos {
  int64_t images = 0;                     // that count
  std::map<size_t, std::string> skipped;  // by photograph: why it does not
};

/// A network by its file, what it is to look at, and where that goes. The file written is none of
/// those it is made from; `run`'s model_sha256 is the model's file's.
struct ChannelRun {
  std::string path;  // the model's file
  Model model;       // of it
  EngineOptions engine = {};
  ExperimentFiles files = {};
  FileRun run = {};
};

/// Writes the means file (ChannelMeans), as `hdecomp means` does: whole or not at all. There is
/// nothing to resume. Throws UserError where no photograph counts, and what ChannelSums throws.
HDECOMP_API CountedPhotos write_means(const ChannelRun& of);

/// Writes the patches file (PatchFile), as `hdecomp patches` does. Throws UserError where no
/// photograph is measured, and what PatchFinder and PatchStore throw.
HDECOMP_API CountedPhotos write_patches(const ChannelRun& of, const PatchOptions& options);

/// Writes the concepts file (ChannelConcepts) from segmentations, as `hdecomp concepts` does; the
/// photographs are gone over twice, and `run.progress` is told of each time. Throws what
/// ConceptSearch and ConceptRun throw.
HDECOMP_API CountedPhotos write_concepts(const ChannelRun& of, const ConceptOptions& options,
                                         const RegionLabels& regions);

/// Writes the concepts file from a patches file of the model in the file `path` alone, as `hdecomp
/// concepts --patches` does: with less than `least` of its patches of one class a channel has no
/// name. Throws what PatchFile::load() and names_by_patches() throw.
HDECOMP_API CountedPhotos write_patch_names(const std::string& path, const std::string& patches,
                                            double least, const std::string& output);

/// All that decides a ConceptRun's names, but for least_iou, which nothing that is counted hangs
/// on. `shown`: the photographs, as they are listed; `upright`: those that were stored turned are
/// turned.
HDECOMP_API std::vector<std::pair<std::string, std::string>> concept_plan(
    const ConceptSearch& search, const RegionLabels& regions, const std::vector<std::string>& shown,
    const std::string& model_sha256, bool upright = false);

}  // namespace hdecomp
