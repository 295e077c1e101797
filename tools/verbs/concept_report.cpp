/// Tells of names, and makes those that need no segmentations.
#include "tools/verbs/concept_report.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>

#include "hdecomp/patches.h"
#include "hdecomp/stopwatch.h"
#include "tools/console/complaint.h"
#include "tools/console/json_text.h"
#include "tools/output/output_folder.h"
#include "tools/runs/session.h"
#include "tools/tables/concept_names.h"

namespace hdecomp::tools {
namespace {

bool has_names(const ChannelConcepts& names) {
  for (const LayerConcepts& layer : names.layers()) {
    for (int64_t c = 0; c < std::ssize(layer.channels); ++c) {
      if (names.find(layer.layer, c) != nullptr) return true;
    }
  }
  return false;
}

/// Photographs of the class that has most.
int64_t largest_class(const PatchFile& patches) {
  const bool labelled = are_labelled(patches);
  std::map<int32_t, int64_t> counts;
  int64_t largest = 0;
  for (int32_t i = 0; i < std::ssize(patches.plan().images); ++i) {
    if (patches.image(i).state != ImageState::measured) continue;
    const int32_t its = labelled ? patches.plan().labels[i] : patches.image(i).decision;
    largest = std::max(largest, ++counts[its]);
  }
  return largest;
}

/// Where no channel has a name: what one takes, and what would give some.
void hint_at_names(const PatchFile& patches, const ChannelConcepts& names, double least) {
  if (has_names(names)) return;
  const int keep = patches.plan().keep;
  int needed = 1;
  while (static_cast<double>(needed) / keep < least) ++needed;
  const int64_t largest = largest_class(patches);
  const std::string takes = joined("no channel has a name: it takes ", needed, " of ", keep,
                                   " patches of one class (--min-share ", least, ")");
  complain(takes + (largest < needed
                        ? joined(", and no class has more than ", largest, " photograph",
                                 largest == 1 ? "" : "s",
                                 " here; make the patches of more photographs of each class")
                        : std::string("; a smaller share names more")));
}

}  // namespace

void print_concepts(const Table& layers, int64_t images, int64_t skipped, bool json,
                    const Timings& timings_ms) {
  if (json) {
    const nlohmann::ordered_json result{{"images", images},
                                        {"skipped", skipped},
                                        {"header", layers.header},
                                        {"rows", layers.rows},
                                        {"timings_ms", timings_ms}};
    std::printf("%s\n", json_text(result).c_str());
    return;
  }
  std::printf("%s%lld images, %lld skipped\n", to_columns(layers).c_str(),
              static_cast<long long>(images), static_cast<long long>(skipped));
}

void name_by_patches(const ConceptsCommandOptions& options) {
  const bool has_images = !options.images.images.empty() || !options.images.list.empty();
  if (has_images || !options.regions.folder.empty()) {
    throw UserError("--patches: names come of the patches file alone; give no images or regions");
  }
  const Stopwatch watch;
  const Model model = load_model(options.common);
  const auto patches = PatchFile::load(options.patches, model, model_sha256(options.common));
  const auto names = names_by_patches(*patches, options.least_share);
  save_names(options.output, *patches, *names);
  write_beside(options.output, ".csv", to_csv(concepts_by_channel(*names)));
  constexpr int orders = 10;
  constexpr uint64_t seed = 0;
  const auto chance = names_by_chance(*patches, options.least_share, orders, seed);
  Table layers = concepts_by_layer(*names);
  layers.header.insert(layers.header.begin() + 3, "by chance");
  for (size_t l = 0; l < chance.size(); ++l) {
    layers.rows[l].insert(layers.rows[l].begin() + 3, cell(chance[l], 1));
  }
  const auto all = std::ssize(patches->plan().images);
  print_concepts(layers, names->images(), all - names->images(), options.common.json,
                 {{"load", watch.ms()}});
  hint_at_names(*patches, *names, options.least_share);
  if (options.common.json) return;
  std::printf("classes are the photographs' %s\n",
              are_labelled(*patches) ? "labels" : "most probable ones");
}

}  // namespace hdecomp::tools
