/// The verb patches: for each channel the places of many images where it is at its largest.
#include <cstdio>
#include <nlohmann/json.hpp>

#include "hdecomp/patches.h"
#include "hdecomp/stopwatch.h"
#include "tools/choices.h"
#include "tools/console/json_text.h"
#include "tools/images/image_labels.h"
#include "tools/images/image_list.h"
#include "tools/list_verbs.h"
#include "tools/output/output_folder.h"
#include "tools/runs/rank_run.h"
#include "tools/runs/session.h"
#include "tools/tables/table.h"

namespace hdecomp::tools {
namespace {

using Json = nlohmann::ordered_json;

PatchOptions patch_question(const PatchesCommandOptions& options) {
  PatchOptions question;
  question.layers = layers_of(options.layers);
  question.by = choice_of<PatchRanking>(options.by, patch_rankings);
  question.top = options.top;
  question.tree_top = options.tree_top;
  question.side = options.side;
  return question;
}

/// By layer: how many channels have all K patches, fewer, none.
Table table_of(const PatchStore& store) {
  Table table{{"layer", "channels", "with all patches", "with fewer", "with none"}, {}};
  for (size_t l = 0; l < store.plan().layers.size(); ++l) {
    const BestPatches& best = store.best(l);
    int64_t all = 0, without = 0;
    for (int64_t c = 0; c < best.channels(); ++c) {
      const auto count = std::ssize(best.of(c));
      all += count == best.keep() ? 1 : 0;
      without += count == 0 ? 1 : 0;
    }
    table.rows.push_back({store.plan().layers[l].name, joined(best.channels()), joined(all),
                          joined(best.channels() - all - without), joined(without)});
  }
  return table;
}

void print(const PatchStore& store, bool json, const Timings& timings_ms) {
  const Table table = table_of(store);
  const int64_t measured = store.count(ImageState::measured);
  const int64_t unreadable = store.count(ImageState::unreadable);
  const int64_t undecided = store.count(ImageState::undecided);
  if (!json) {
    std::printf("%s%lld images measured, %lld unreadable, %lld without a decision\n",
                to_columns(table).c_str(), static_cast<long long>(measured),
                static_cast<long long>(unreadable), static_cast<long long>(undecided));
    return;
  }
  const Json result{{"options", store.plan().options}, {"measured", measured},
                    {"unreadable", unreadable},        {"undecided", undecided},
                    {"header", table.header},          {"rows", table.rows},
                    {"timings_ms", timings_ms}};
  std::printf("%s\n", json_text(result).c_str());
}

void run_rank(const PatchesCommandOptions& options, const Ranks& ranks) {
  check_output(options.output);
  const Stopwatch watch;
  std::vector<ListedImage> images = list_images(options.images);
  const CommonOptions common = common_of_rank(options.common, ranks);
  const int batch = batch_for(common, options.batch, images.size());
  PatchFinder finder(load_model(common), {common.device, common.threads, batch, common.precision},
                     patch_question(options));
  add_labels(options.labels, finder.model(), images);
  keep_some(options.images, options.limit, images);
  if (ranks.rank() > 0) {
    const ToldRun told(images, common, 0);
    return run_patches(finder, nullptr, ranks, told.run());
  }
  PatchStore store =
      PatchStore::open(options.output, plan_over(finder.plan(), common, images), options.resume);
  Timings timings_ms{{"load", watch.ms()}};
  const Stopwatch work;
  {
    const ToldRun told(images, common, std::ssize(images) - store.count(ImageState::measured));
    run_patches(finder, &store, ranks, told.run());
  }
  if (store.count(ImageState::measured) == 0) {
    store.give_up();
    throw UserError("not one of the images could be measured, for the reasons above");
  }
  store.finish();
  timings_ms["run"] = work.ms();
  print(store, options.common.json, timings_ms);
  if (!options.common.json) std::printf("wrote %s\n", options.output.c_str());
}

}  // namespace

void patches(const PatchesCommandOptions& options) {
  on_ranks([&](const Ranks& ranks) { run_rank(options, ranks); });
}

}  // namespace hdecomp::tools
