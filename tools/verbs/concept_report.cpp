/// Tells of names, and makes those that need no segmentations.
#include "tools/verbs/concept_report.h"

#include <cstdio>
#include <nlohmann/json.hpp>

#include "hdecomp/patches.h"
#include "tools/console/json_text.h"
#include "tools/output/output_folder.h"
#include "tools/runs/session.h"
#include "tools/tables/concept_names.h"

namespace hdecomp::tools {

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
  if (options.common.json) return;
  std::printf("classes are the photographs' %s\n",
              are_labelled(*patches) ? "labels" : "most probable ones");
}

}  // namespace hdecomp::tools
