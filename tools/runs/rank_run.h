/// A run over many images, alone or as one of mpirun's ranks.
#pragma once

#include <functional>
#include <vector>

#include "hdecomp/experiment.h"
#include "tools/console/progress.h"
#include "tools/images/image_list.h"
#include "tools/images/turned_photos.h"
#include "tools/runs/session.h"
#include "tools/shared_options.h"

namespace hdecomp::tools {

/// Calls `work`, once per process; of several ranks one that fails ends all.
void on_ranks(const std::function<void(const Ranks& ranks)>& work);

/// The options with this rank's device and threads. The first rank tells of ranks that are bound to
/// too few cores.
CommonOptions common_of_rank(const CommonOptions& common, const Ranks& ranks);

/// batch_for() for what ablates, of common_of_rank(): of several ranks on CPUs one image for each
/// of a rank's threads suits: more took 20 to 30 % more processor time (bench/README.md).
int batch_of_rank(const CommonOptions& common, const Ranks& ranks, int batch, size_t images);

/// Completes the plan of a results file: the model, how photographs are turned, the images and
/// their labels.
template <class Plan>
Plan plan_over(Plan plan, const CommonOptions& common, const std::vector<ListedImage>& images) {
  plan.model = model_sha256(common);
  if (common.exif) plan.options["exif"] = "upright";
  for (const ListedImage& image : images) {
    plan.images.push_back(image.shown);
    plan.labels.push_back(static_cast<int32_t>(image.label));
  }
  return plan;
}

/// Images and labels for a run, and what it tells people: how far it is, what is skipped or turned.
class ToldRun {
 public:
  /// `todo`: how many are to be measured; `regions`: the images' segmentations, where they are
  /// needed; `what` is counted. The images must outlive it.
  ToldRun(const std::vector<ListedImage>& images, const CommonOptions& common, int64_t todo,
          std::vector<std::string> regions = {}, const char* what = "images");
  ToldRun(const ToldRun&) = delete;
  ToldRun& operator=(const ToldRun&) = delete;

  const DatasetRun& run() const { return run_; }

 private:
  Progress progress_;
  TurnedPhotos turned_;
  DatasetRun run_;
};

}  // namespace hdecomp::tools
