/// The verb concepts: names for channels, from two passes over segmented images.
#include <filesystem>

#include "hdecomp/concept_search.h"
#include "hdecomp/stopwatch.h"
#include "tools/choices.h"
#include "tools/images/image_list.h"
#include "tools/images/regions.h"
#include "tools/list_verbs.h"
#include "tools/output/output_folder.h"
#include "tools/runs/rank_run.h"
#include "tools/runs/session.h"
#include "tools/tables/concept_names.h"

namespace hdecomp::tools {
namespace {

/// All that decides the names, but for --min-iou, which nothing that is counted hangs on.
std::vector<std::pair<std::string, std::string>> plan_of(const ConceptsCommandOptions& options,
                                                         const ConceptSearch& search,
                                                         const RegionLabels& regions,
                                                         const std::vector<ListedImage>& images,
                                                         const std::string& sha256) {
  std::vector<std::pair<std::string, std::string>> plan{
      {"the device", device_of(options.common).starts_with("cuda") ? "cuda" : "cpu"},
      {"the option precision", options.common.precision},
      {"the folder of segmentations", std::filesystem::weakly_canonical(options.regions.folder)},
      {"the model's SHA-256", sha256},
      {"the option share", joined(options.share)},
      {"the option exif", options.common.exif ? "upright" : "stored"},
      {"the option region-kind", options.regions.kind}};
  for (const std::string& layer : search.layers()) plan.emplace_back("a layer", layer);
  for (const auto& [number, name] : regions.names()) {
    plan.emplace_back(joined("the name of label ", number), name);
  }
  plan.emplace_back("the number of images", joined(images.size()));
  for (size_t i = 0; i < images.size(); ++i) {
    plan.emplace_back(joined("image ", i + 1), images[i].shown);
  }
  return plan;
}

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
  ConceptRun run(search, ranks, {options.output, options.resume},
                 plan_of(options, search, regions, images, sha256), images.size());
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
  check_output(options.output);
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
