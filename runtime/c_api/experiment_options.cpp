/// From the C interface's one struct to the options of an experiment.
#include "runtime/c_api/experiment_options.h"

#include "hdecomp/error.h"
#include "hdecomp/model_file.h"
#include "runtime/c_api/photo_files.h"

namespace hdecomp::c_api {
namespace {

void add_trees(const hdecomp_experiment_options& given, ExperimentOptions& options) {
  options.target = text_of(given.target);
  take(options.top, given.top);
  options.all_decisions = given.all_decisions != 0;
  choose(options.method, "method", given.method, ablation_methods);
  options.merge = options.kind == ExperimentKind::class_graph && given.merge_overlaps != 0;
  take(options.overlaps.iou, given.merge_overlaps);
  take(options.overlaps.mask_threshold, given.mask_threshold);
  if (given.mask_threshold < 0) options.overlaps.mask_threshold = 0;
  take(options.peaks, given.peaks);
  take(options.depth, given.depth);
  take(options.steps, given.steps);
  options.seed = given.seed;
  choose(options.ranking, "ranking", given.ranking, sparse_rankings);
  choose(options.count, "count", given.count, discriminate_counts);
  take(options.min_count, given.min_count);
  take(options.shuffles, given.shuffles);
}

void add_fill(const hdecomp_experiment_options& given, ExperimentOptions& options) {
  if (options.kind == ExperimentKind::what_ifs && given.off == nullptr) {
    choose(options.change.pixels, "fill", given.fill, region_fills);
    return;
  }
  if (given.fill != nullptr) options.fill = fill_of(given.fill, given.means);
  if (options.fill == AblationFill::data_set) options.means = means_of(given.means);
}

void add_change(const hdecomp_experiment_options& given, ChangeOptions& change) {
  if (given.at != nullptr && given.off != nullptr) throw UserError("give either at or off");
  if (given.at != nullptr) change.at = given.at;
  change.off = text_of(given.off);
  auto part = EvidencePart::mask;
  choose(part, "region", given.region, evidence_parts);
  change.field = part == EvidencePart::field;
  if (given.controls != 0) change.controls = std::max(0, given.controls);
  change.failures = given.failures != 0;
}

void add_randomise(const hdecomp_experiment_options& given, ExperimentOptions& options) {
  if (given.method_count > 0) options.methods.clear();
  for (const std::string& name : texts_of(given.methods, given.method_count, "methods")) {
    options.methods.push_back(saliency_method(name));
  }
  choose(options.order, "order", given.order, randomise_orders);
  choose(options.unit, "unit", given.unit, randomise_units);
  choose(options.draw, "draw", given.draw, randomise_draws);
  choose(options.gap_sum, "gap_sum", given.gap_sum, gap_sums);
  if (given.top_count > 0) {
    const int32_t* first = &required(given.tops, "tops");
    options.tops.assign(first, first + given.top_count);
  } else if (given.top != 0) {
    options.tops = {given.top};
  }
  take(options.samples, given.samples);
  options.own_target = given.own_target != 0;
}

}  // namespace

ExperimentOptions experiment_options(const char* kind, const hdecomp_experiment_options& given) {
  const size_t verb = choice_of("kind", &required(kind, "kind"), experiment_names, 0);
  ExperimentOptions options = usual_options(verb);
  add_trees(given, options);
  take_attack(given, options.attack);
  add_fill(given, options);
  add_change(given, options.change);
  add_randomise(given, options);
  if (verb == compare_models_verb) {
    compare_with(options, model_file(&required(given.other, "compare-models: other")));
  }
  if (options.kind == ExperimentKind::context) options.regions = regions_of(given, "context");
  return options;
}

}  // namespace hdecomp::c_api
