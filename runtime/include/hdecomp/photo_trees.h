/// Trees of many photographs in one call, and the folder that `hdecomp explain FOLDER --output-dir`
/// writes of them.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "hdecomp/decode_ahead.h"
#include "hdecomp/experiment_files.h"
#include "hdecomp/explainer.h"
#include "hdecomp/export.h"
#include "hdecomp/tree_files.h"

namespace hdecomp {

/// What became of one photograph.
struct PhotoTree {
  std::string path;
  std::string shown;           // as the folder lists it: below the folder
  int32_t label = -1;          // the class that it is said to show; -1: not known
  std::optional<Tree> tree;    // none where it cannot be read or explained,
  std::string error = {};      // for this reason, one line
  bool is_unreadable = false;  // the file is no image
};

/// What many photographs are asked for.
struct PhotoTreesOptions {
  // after_level is not for many. Its `stop` is looked at between photographs and pictures, too.
  ExplainOptions trees = {};

  // Where not empty: a folder that gets one for each photograph, called as it is listed, with
  // `files` (whose threads draw; top and progress are not for many), and index.html, which links
  // them and filters by class and, where labels are known, by wrong predictions. keep_maps is as
  // they need.
  std::string output_dir = {};
  TreeFiles files = {};
  PatchFiles patches = {};  // of reports

  Turning turning = Turning::as_stored;  // of photographs that were stored turned

  // Of each photograph in its order, as they become ready; `image` is empty where there is no
  // tree. May take the tree out (`one.tree.reset()`): then few are in memory, however many
  // photographs there are. What it throws ends the run and comes out of the call.
  std::function<void(PhotoTree& one, const Image& image)> each = {};
  std::function<void(int64_t done, int64_t all)> progress = {};  // after each; the same
};

/// Whether the network's most probable class is another one than `label`, if that is known.
inline bool is_wrong(const Tree& tree, int64_t label) {
  return label >= 0 && !tree.top.empty() && tree.top.front().index != label;
}

/// Explains the photographs, as many together as the explainer's batch, the next ones being decoded
/// meanwhile. Returns all in their order; one that cannot be read or explained has its error and
/// ends nothing. Each gets what Explainer::explain() gives it alone. Throws what
/// Explainer::check() throws; UserError without photographs, for labels that are no classes, and
/// where the output folder cannot be written to; Stopped. What was written until then stays, but
/// for index.html; the explainer can be used on.
HDECOMP_API std::vector<PhotoTree> explain_photos(Explainer& explainer,
                                                  const ExperimentFiles& photos,
                                                  const PhotoTreesOptions& options = {});

/// The same of all photographs in a folder and its sub-folders, by path, without those in
/// `output_dir`. Throws what photos_in() throws, too.
HDECOMP_API std::vector<PhotoTree> explain_folder(Explainer& explainer, const std::string& folder,
                                                  const PhotoTreesOptions& options = {});

}  // namespace hdecomp
