/// The flags of the verbs that measure many images.
#include "tools/flags.h"

namespace hdecomp::tools {
namespace {

/// --limit and --batch.
void add_amounts(CLI::App& verb, int& limit, int& batch, const char* batch_help) {
  verb.add_option("--limit", limit, "the first images alone; 0 for all")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  verb.add_option("--batch", batch, batch_help)->check(CLI::Range(0, 4096))->capture_default_str();
}

using ExperimentVerb = void (*)(const ExperimentCommandOptions&);

/// The verbs that measure many images.
void add_experiment(CLI::App& app, const char* name, const char* help, ExperimentVerb run) {
  auto options = std::make_shared<ExperimentCommandOptions>();
  CLI::App& verb = *app.add_subcommand(name, help);
  add_images(verb, options->images, "a folder of images, or one image");
  add_labels_flag(verb, options->labels);
  add_amounts(verb, options->limit, options->batch,
              "how many images go together; 0: 4 on the CPU, 32 on a GPU");
  verb.add_option("--class", options->target,
                  "class index, WordNet id or name; label: each image's own; default: the top");
  verb.add_flag("--all-decisions", options->all_decisions,
                "every decision of the tree, not those of the top-1 path alone");
  verb.add_option("--top", options->top, "N of that tree")->capture_default_str();
  add_ablation(verb, options->fill, options->method);
  if (std::string(name) == "distribution") {
    verb.add_option("--merge-overlaps", options->merge_overlaps,
                    "intersection over union above which two channels overlap")
        ->capture_default_str();
    verb.add_option("--peaks", options->peaks,
                    "peaks of each channel, apart by at least a receptive field")
        ->capture_default_str();
    verb.add_option("--mask-threshold", options->mask_threshold,
                    "share of an activation map's maximum above which its mask lies")
        ->capture_default_str();
  }
  verb.add_option("-o,--output", options->output,
                  "the results file to write (.h5); its table goes beside it as .csv and .md")
      ->required();
  verb.add_flag("--resume", options->resume, "go on with the results file, if it is there");
  add_exif(verb, options->common);
  add_common(verb, options->common);
  verb.footer(std::string("Over several ranks: mpirun --bind-to none -n 8 hdecomp ") + name +
              " ...; without --bind-to none each rank has one core.");
  verb.callback([options, run] { run(*options); });
}

void add_means(CLI::App& app) {
  auto options = std::make_shared<MeansCommandOptions>();
  CLI::App& verb = *app.add_subcommand(
      "means", "each channel's mean over many images, for --fill of ablate and the experiments");
  add_images(verb, options->images, "a folder of images, or one image");
  add_amounts(verb, options->limit, options->batch,
              "how many images go together; 0: 4 on the CPU, 32 on a GPU");
  verb.add_option("-o,--output", options->output, "the means file to write (.h5)")->required();
  add_exif(verb, options->common);
  add_common(verb, options->common);
  verb.callback([options] { means(*options); });
}

}  // namespace

void add_experiments(CLI::App& app) {
  add_experiment(app, "pcc",
                 "over many images, how gAP's four estimates correlate with exact ablation "
                 "(Table 1)",
                 pcc);
  add_experiment(app, "masking",
                 "over many images, how decisions change when gAP's first and last channels are "
                 "masked (Fig. 6)",
                 masking);
  add_experiment(app, "distribution",
                 "over many images, how contributions are distributed, and which channels overlap "
                 "(Fig. 7)",
                 distribution);
  add_means(app);
}

}  // namespace hdecomp::tools
