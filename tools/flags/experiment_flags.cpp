/// The flags of the verbs of Section 4.1, which measure many images.
#include "tools/flags/experiment_flags.h"

#include "hdecomp/experiment_files.h"
#include "tools/choices.h"

namespace hdecomp::tools {
namespace {

/// What a verb has where nothing is said.
void take_usual(ExperimentKind kind, ExperimentCommandOptions& options) {
  const ExperimentOptions usual = usual_options(kind);
  options.top = usual.top;
  options.fill = to_string(usual.fill);
}

/// Those of the decisions of a tree.
void add_decisions(CLI::App& app, const char* name, const char* help, ExperimentVerb run) {
  const auto options = std::make_shared<ExperimentCommandOptions>();
  CLI::App& verb = add_experiment(app, name, help, options, run);
  CLI::Option* all = verb.add_flag("--all-decisions", options->all_decisions,
                                   "every decision of the tree, not those of the top-1 path alone");
  verb.add_option("--top", options->top, "N of that tree")->needs(all)->capture_default_str();
  add_ablation(verb, options->fill, options->method);
  if (std::string(name) == "distribution") {
    verb.add_option("--merge-overlaps", options->merge_overlaps,
                    "intersection over union above which two channels overlap")
        ->capture_default_str();
    verb.add_option("--peaks", options->peaks,
                    "peaks of each channel, apart by at least a receptive field")
        ->capture_default_str();
    add_mask_threshold(verb, options->mask_threshold);
  }
}

void add_sparse(CLI::App& app) {
  const auto options = std::make_shared<ExperimentCommandOptions>();
  take_usual(ExperimentKind::sparse, *options);
  CLI::App& verb = add_experiment(
      app, "sparse",
      "over many images, how the network does with the channels of the top-k tree alone (Fig. 9)",
      options, sparse);
  verb.add_option("--top", options->top, "the largest k of 1, 2, 4, ...")->capture_default_str();
  verb.add_option(
          "--by", options->by,
          "how a decision's channels are ranked: by their contribution alpha, or by |alpha|")
      ->check(CLI::IsMember(words_of(sparse_rankings)))
      ->capture_default_str();
  add_fill(verb, options->fill);
  verb.add_option("--seed", options->seed, "of the random channels")->capture_default_str();
}

void add_importance(CLI::App& app) {
  const auto options = std::make_shared<ExperimentCommandOptions>();
  take_usual(ExperimentKind::importance, *options);
  CLI::App& verb = add_experiment(app, "importance",
                                  "over many images, how the network does without the channels "
                                  "that each method finds most important (Fig. 10)",
                                  options, importance);
  verb.add_option("--top", options->top, "N of the tree that importance goes down")
      ->capture_default_str();
  verb.add_option("--steps", options->steps, "of conductance's and influence's path")
      ->capture_default_str();
  add_fill(verb, options->fill);
  verb.add_option("--seed", options->seed, "of the random channels")->capture_default_str();
}

/// What randomise and compare-models share. `draws`: the seed is of weights, too.
void add_map_choices(CLI::App& verb, ExperimentCommandOptions& options, bool draws) {
  verb.add_option("--methods", options.methods, "of saliency, as gradient,guided,gap")
      ->delimiter(',')
      ->capture_default_str();
  verb.add_option("--target", options.changed_target,
                  "whose score the changed network's maps are of: the class before (fixed), or its "
                  "own most probable one (argmax)")
      ->check(CLI::IsMember({"fixed", "argmax"}))
      ->capture_default_str();
  verb.add_option("--samples", options.samples, "of smoothgrad and integrated gradients")
      ->capture_default_str();
  verb.add_option("--top", options.tops,
                  "N of gap's tree, which decides much; 1,2,4 for a map of each")
      ->delimiter(',')
      ->capture_default_str();
  verb.add_option("--gap-sum", options.gap_sum, "as of saliency")
      ->check(CLI::IsMember(words_of(gap_sums)))
      ->capture_default_str();
  verb.add_option("--seed", options.seed, draws ? "of the noise and of weights" : "of the noise")
      ->capture_default_str();
  std::vector<FlagUse> uses;
  for (const FlagUse& use : saliency_uses()) {
    const std::string_view flag = use.flag;
    const bool of_noise = flag == "--seed" && !draws;
    if (flag == "--samples" || flag == "--top" || flag == "--gap-sum" || of_noise)
      uses.push_back(use);
  }
  const auto methods = [&options] {
    for (const std::string& name : options.methods) saliency_method(name, "--methods");
    return options.methods;
  };
  require_uses(verb, {{"--methods", methods, std::move(uses)}});
}

void add_randomise(CLI::App& app) {
  const auto options = std::make_shared<ExperimentCommandOptions>();
  CLI::App& verb = add_experiment(app, "randomise",
                                  "over many images, how saliency maps change as the network's "
                                  "weights are drawn anew, layer after layer (Fig. 8a)",
                                  options, randomise);
  verb.add_option("--order", options->order,
                  "each layer with all above it, with all below it, or alone")
      ->check(CLI::IsMember(words_of(randomise_orders)))
      ->capture_default_str();
  verb.add_option("--by", options->unit, "a layer with weights at a time, or a block")
      ->check(CLI::IsMember(words_of(randomise_units)))
      ->capture_default_str();
  verb.add_option("--draw", options->draw,
                  "He's normal weights and no biases, the layer's own in another order, or "
                  "torch.nn's uniform ones")
      ->check(CLI::IsMember(words_of(randomise_draws)))
      ->capture_default_str();
  add_map_choices(verb, *options, true);
}

void add_compare_models(CLI::App& app) {
  const auto options = std::make_shared<ExperimentCommandOptions>();
  CLI::App& verb =
      add_experiment(app, "compare-models",
                     "over many images, how saliency maps of two models of one "
                     "architecture differ, as of true and of permuted labels (Fig. 8b)",
                     options, compare_models);
  verb.add_option("--other", options->other_model, "the model that --model is compared with (.h5)")
      ->required();
  add_map_choices(verb, *options, false);
}

void add_means(CLI::App& app) {
  auto options = std::make_shared<MeansCommandOptions>();
  CLI::App& verb = *app.add_subcommand(
      "means", "each channel's mean over many images, for --fill of ablate and the experiments");
  add_images(verb, options->images, "images, or a folder of images");
  add_amounts(verb, options->limit, options->batch);
  verb.add_option("-o,--output", options->output, "the means file to write (.h5)")->required();
  add_exif(verb, options->common);
  add_common(verb, options->common);
  verb.callback([options] { means(*options); });
}

}  // namespace

CLI::App& add_experiment(CLI::App& app, const char* name, const char* help,
                         const ExperimentFlags& options, ExperimentVerb run) {
  CLI::App& verb = *app.add_subcommand(name, help);
  add_images(verb, options->images, "images, or a folder of images");
  add_labels_flag(verb, options->labels);
  add_amounts(verb, options->limit, options->batch);
  verb.add_option("--class", options->target,
                  "class index, WordNet id or name; label: each image's own; default: the top");
  verb.add_option("-o,--output", options->output,
                  "the results file to write (.h5); its table goes beside it as .csv and .md")
      ->required();
  verb.add_flag("--resume", options->resume, "go on with the results file, if it is there");
  add_exif(verb, options->common);
  add_common(verb, options->common);
  add_over_ranks(verb);
  verb.callback([options, run] { run(*options); });
  return verb;
}

void add_experiments(CLI::App& app) {
  add_decisions(app, "pcc",
                "over many images, how gAP's four estimates correlate with exact ablation "
                "(Table 1)",
                pcc);
  add_decisions(app, "masking",
                "over many images, how decisions change when gAP's first and last channels are "
                "masked (Fig. 6)",
                masking);
  add_decisions(app, "distribution",
                "over many images, how contributions are distributed, and which channels overlap "
                "(Fig. 7)",
                distribution);
  add_sparse(app);
  add_importance(app);
  add_randomise(app);
  add_compare_models(app);
  add_means(app);
}

}  // namespace hdecomp::tools
