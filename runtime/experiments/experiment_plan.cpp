/// The options of each experiment as its results file has them.
#include "runtime/experiments/experiment_plan.h"

#include "hdecomp/channel_means.h"
#include "hdecomp/error.h"
#include "runtime/experiments/image_measure.h"
#include "runtime/tree/overlap.h"

namespace hdecomp {
namespace {

using Told = std::map<std::string, std::string>;

/// As results files tell it.
std::string fill_of(const ExperimentOptions& options) {
  const std::string name = to_string(options.fill);
  return options.fill == AblationFill::data_set ? name + " " + options.means->sha256() : name;
}

/// What randomise is planned with, as results files tell it.
Told randomise_options(const ExperimentOptions& options) {
  std::string methods;
  for (const SaliencyOptions& map : randomise_maps(options)) {
    methods += (methods.empty() ? "" : ",") + to_string(map.method);
    if (map.method == SaliencyMethod::gap) methods += joined(" N=", map.top);
  }
  Told told{{"methods", methods},
            {"target", options.own_target ? "argmax" : "fixed"},
            {"samples", joined(options.samples)},
            {"gap_sum", gap_sums[static_cast<size_t>(options.gap_sum)]}};
  if (!options.other_sha256.empty()) told["other_model_sha256"] = options.other_sha256;
  if (options.other) return told;
  told["order"] = randomise_orders[static_cast<size_t>(options.order)];
  told["unit"] = randomise_units[static_cast<size_t>(options.unit)];
  told["draw"] = randomise_draws[static_cast<size_t>(options.draw)];
  return told;
}

Told attack_options(const AttackOptions& attack) {
  return {{"eps", joined(attack.eps)},
          {"steps", joined(attack.steps)},
          {"step", joined(attack.step_size())},
          {"restarts", joined(attack.restarts)},
          {"start", attack.random_start ? "random" : "none"},
          {"aim", attack.aim.empty() ? "any" : attack.aim}};
}

Told context_options(const ExperimentOptions& options) {
  std::string names;
  for (const auto& [number, name] : options.regions->names()) {
    names += joined(names.empty() ? "" : "\n", number, ": ", name);
  }
  return {{"depth", joined(options.depth)},
          {"mask", mask_words(options.overlaps.mask_threshold)},
          {"regions", region_kinds[static_cast<size_t>(options.regions->kind())]},
          {"region_names", names}};
}

Told discriminate_options(const ExperimentOptions& options) {
  return {{"count", discriminate_counts[static_cast<size_t>(options.count)]},
          {"min_count", joined(options.min_count)},
          {"shuffles", joined(options.shuffles)}};
}

Told class_graph_options(const ExperimentOptions& options) {
  Told told{{"depth", joined(options.depth)}};
  if (!options.merge) return told;
  told["merge_overlaps"] = joined(options.overlaps.iou);
  told["mask"] = mask_words(options.overlaps.mask_threshold);
  return told;
}

Told what_ifs_options(const ExperimentOptions& options) {
  const ChangeOptions& change = options.change;
  Told told{{"controls", joined(change.controls)},
            {"images", change.failures ? "failures" : "all"}};
  if (!change.off.empty()) {
    told["off"] = change.off;
    return told;
  }
  told["at"] = change.at;
  told["region"] = change.field ? "receptive field" : mask_words(options.overlaps.mask_threshold);
  told["fill"] = region_fills[static_cast<size_t>(change.pixels)];
  return told;
}

/// Of the kinds that measure whole images, but for what they all have.
Told image_options(const ExperimentOptions& options) {
  switch (options.kind) {
    case ExperimentKind::sparse:
      return {{"by", sparse_rankings[static_cast<size_t>(options.ranking)]}};
    case ExperimentKind::importance:
      return {{"steps", joined(options.steps)}};
    case ExperimentKind::randomise:
      return randomise_options(options);
    case ExperimentKind::discriminate:
      return discriminate_options(options);
    case ExperimentKind::attack:
      return attack_options(options.attack);
    case ExperimentKind::context:
      return context_options(options);
    case ExperimentKind::class_graph:
      return class_graph_options(options);
    case ExperimentKind::what_ifs:
      return what_ifs_options(options);
    case ExperimentKind::pcc:
    case ExperimentKind::masking:
    case ExperimentKind::distribution:
      break;
  }
  return {};
}

}  // namespace

const char* experiment_name(const ExperimentOptions& options) {
  return experiment_names[options.other ? compare_models_verb : static_cast<size_t>(options.kind)];
}

Told told_options(const ExperimentOptions& options, bool of_images) {
  Told told{{"class", options.target.empty() ? "top" : options.target}};
  if (of_images) {
    told.merge(image_options(options));
    told["seed"] = joined(options.seed);
    const bool has_top = options.kind != ExperimentKind::randomise &&
                         options.kind != ExperimentKind::attack &&
                         options.kind != ExperimentKind::what_ifs;
    if (has_top) told["top"] = joined(options.top);
  } else {
    told["decisions"] = options.all_decisions ? joined("top ", options.top) : "top-1 path";
    told["method"] = ablation_methods[static_cast<size_t>(options.method)];
  }
  told.try_emplace("fill", fill_of(options));
  if (options.kind == ExperimentKind::distribution) {
    told["merge_overlaps"] = joined(options.overlaps.iou);
    told["peaks"] = joined(options.peaks);
    told["mask_threshold"] = joined(options.overlaps.mask_threshold);
  }
  return told;
}

}  // namespace hdecomp
