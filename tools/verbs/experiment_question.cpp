/// From an experiment's flags to the engine's options, kind by kind.
#include "tools/verbs/experiment_question.h"

#include "hdecomp/experiment_files.h"
#include "hdecomp/model_file.h"
#include "tools/choices.h"
#include "tools/images/regions.h"
#include "tools/runs/fill.h"
#include "tools/trees/evidence_region.h"
#include "tools/verbs/attack.h"

namespace hdecomp::tools {
namespace {

void add_randomise(const ExperimentCommandOptions& options, ExperimentOptions& question) {
  question.methods = saliency_methods_of("--methods", options.methods);
  question.order = choice_of<RandomiseOrder>(options.order, randomise_orders);
  question.unit = choice_of<RandomiseUnit>(options.unit, randomise_units);
  question.draw = choice_of<RandomiseDraw>(options.draw, randomise_draws);
  question.own_target = options.changed_target == "argmax";
  question.samples = options.samples;
  question.tops = options.tops;
  question.gap_sum = choice_of<GapSum>(options.gap_sum, gap_sums);
  if (!options.other_model.empty())
    compare_with(question, hdecomp::model_file(options.other_model));
}

/// What is filled, of channels or of pixels.
void add_change(const ExperimentCommandOptions& options, const Model& model,
                ExperimentOptions& question) {
  ChangeOptions& change = question.change;
  change.off = options.off;
  if (!options.at.empty()) change.at = options.at;
  change.field = choice_of<EvidencePart>(options.region, evidence_parts) == EvidencePart::field;
  change.controls = options.controls;
  change.failures = options.failures;
  if (options.off.empty()) {
    change.pixels = read_pixel_fill(options.fill);
    return;
  }
  const Fill fill = read_fill(options.fill.empty() ? "zero" : options.fill, options.common, model);
  question.fill = fill.fill;
  question.means = fill.means;
}

}  // namespace

ExperimentOptions experiment_question(const ExperimentCommandOptions& options, ExperimentKind kind,
                                      const Model& model) {
  ExperimentOptions question;
  question.kind = kind;
  question.target = options.target;
  question.top = options.top;
  question.all_decisions = options.all_decisions;
  if (kind == ExperimentKind::what_ifs) {
    add_change(options, model, question);
  } else {
    const Fill fill = read_fill(options.fill, options.common, model);
    question.fill = fill.fill;
    question.means = fill.means;
  }
  question.method = options.method == "naive" ? AblationMethod::naive : AblationMethod::fast;
  question.peaks = options.peaks;
  question.seed = options.seed;
  question.steps = options.steps;
  question.ranking = choice_of<SparseRanking>(options.by, sparse_rankings);
  question.count = choice_of<DiscriminateCount>(options.count, discriminate_counts);
  question.min_count = options.min_count;
  question.shuffles = options.shuffles;
  if (kind == ExperimentKind::attack) question.attack = attack_options(options);
  if (kind == ExperimentKind::randomise) add_randomise(options, question);
  if (kind == ExperimentKind::context) question.regions = read_regions(options.regions);
  question.depth = options.depth;
  question.merge = options.merge.has_value();
  question.overlaps = {options.merge.value_or(options.merge_overlaps), options.mask_threshold};
  return question;
}

}  // namespace hdecomp::tools
