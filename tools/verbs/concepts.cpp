/// The verb concepts: names for channels, from two passes over segmented images.
#include <array>

#include "hdecomp/channel_files.h"
#include "hdecomp/stopwatch.h"
#include "tools/choices.h"
#include "tools/images/image_list.h"
#include "tools/images/regions.h"
#include "tools/list_verbs.h"
#include "tools/output/output_folder.h"
#include "tools/runs/rank_run.h"
#include "tools/runs/session.h"
#include "tools/tables/concept_names.h"
#include "tools/verbs/concept_report.h"

namespace hdecomp::tools {
namespace {

void run_rank(const ConceptsCommandOptions& options, const Ranks& ranks) {
  const Stopwatch watch;
  const CommonOptions common = common_of_rank(options.common, ranks);
  std::vector<ListedImage> images = list_images(options.images);
  keep_some(options.images, options.limit, images);
  const RegionLabels regions = read_regions(options.regions);
  const std::vector<std::string> files = region_files(regions, images);
  ConceptSearch search(load_model(common),
                       {common.device, common.threads,
                        batch_for(common, options.batch, images.size()), common.precision},
                       {layers_of(options.layers), options.share, options.least_iou}, regions);
  const std::string sha256 = model_sha256(common);
  std::vector<std::string> shown;
  for (const ListedImage& image : images) shown.push_back(image.shown);
  ConceptRun run(search, ranks, {options.output, options.resume},
                 concept_plan(search, regions, shown, sha256, common.exif), images.size());
  Timings timings_ms{{"load", watch.ms()}};
  const Stopwatch work;
  while (run.next()) {
    const ToldRun told(images, common, run.todo(), files,
                       run.is_second() ? "images, for names" : "images, for thresholds");
    run.go_over(told.run());
  }
  if (ranks.rank() > 0) return;
  timings_ms["run"] = work.ms();
  const int64_t skipped = run.finish(sha256);
  const auto found = search.found();
  write_beside(options.output, ".csv", to_csv(concepts_by_channel(*found)));
  print_concepts(concepts_by_layer(*found), found->images(), skipped, common.json, timings_ms);
}

}  // namespace

void concepts(const ConceptsCommandOptions& options) {
  check_output(options.output, std::array{model_file(options.common), options.patches});
  if (!options.patches.empty()) {
    return on_ranks([&](const Ranks& ranks) {
      if (ranks.rank() == 0) name_by_patches(options);
    });
  }
  if (options.regions.folder.empty()) {
    throw UserError("--regions is required: the folder of segmentations; or give --patches");
  }
  on_ranks([&](const Ranks& ranks) { run_rank(options, ranks); });
}

}  // namespace hdecomp::tools
