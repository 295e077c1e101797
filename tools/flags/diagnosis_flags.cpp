/// The flags of the verbs of Section 4.2, which diagnose a network over many images.
#include "hdecomp/experiment.h"
#include "tools/choices.h"
#include "tools/flags/experiment_flags.h"
#include "tools/list_verbs.h"
#include "tools/trees/evidence_region.h"

namespace hdecomp::tools {
namespace {

CLI::Option* add_page(CLI::App& verb, bool& html) {
  return verb.add_flag("--html", html,
                       "write a page beside the results file, .html, which opens from disk; with "
                       "--resume of a file that is there, too");
}

/// Of a page that `page` asks for.
void add_patches_shown(CLI::App& verb, std::vector<std::string>& patches, CLI::Option* page) {
  verb.add_option("--patches", patches,
                  "files that hdecomp patches wrote with this model: the page shows what each "
                  "channel looks for")
      ->delimiter(',')
      ->needs(page);
}

void add_discriminate(CLI::App& app) {
  const auto options = std::make_shared<ExperimentCommandOptions>();
  CLI::App& verb = add_experiment(app, "discriminate",
                                  "over many labelled images, of how few classes the channels that "
                                  "trees choose are (Fig. 15, Eq. 13)",
                                  options, discriminate);
  verb.add_option("--top", options->top, "N: a decision counts for its first N channels")
      ->capture_default_str();
  verb.add_option("--count", options->count,
                  "every decision that chooses a channel, or every image at most once")
      ->check(CLI::IsMember(words_of(discriminate_counts)))
      ->capture_default_str();
  verb.add_option("--min-count", options->min_count,
                  "how often a channel must be chosen to be in the means: one that is chosen once "
                  "has D = 1")
      ->check(at_least(1))
      ->capture_default_str();
  verb.add_option("--shuffles", options->shuffles,
                  "orders of chance of the labels, whose mean is the chance level")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  verb.add_option("--seed", options->seed, "of those orders")->capture_default_str();
  CLI::Option* page = add_page(verb, options->html);
  add_concepts_flag(verb, options->concepts)->needs(page);
  add_patches_shown(verb, options->patches, page);
}

void add_attack(CLI::App& app) {
  const auto options = std::make_shared<ExperimentCommandOptions>();
  options->steps = 20;
  CLI::App& verb = add_experiment(app, "attack",
                                  "changes photographs a little so that their class changes (PGD), "
                                  "and what that does to the channels that mattered (Fig. 12)",
                                  options, attack);
  verb.add_option("--target", options->aim, "the class that they are to become; any other without");
  verb.add_option("--eps", options->eps, "how far a pixel may go, of its range: 4/255 or 0.0157")
      ->capture_default_str();
  verb.add_option("--steps", options->steps, "along the gradient's signs")->capture_default_str();
  verb.add_option("--step", options->step, "of a pixel in one of them; 2.5 * eps / steps without");
  verb.add_option("--restarts", options->restarts, "of which the largest loss is taken")
      ->capture_default_str();
  verb.add_option("--start", options->start, "within eps, uniform, or none: the photograph itself")
      ->check(CLI::IsMember({"random", "none"}))
      ->capture_default_str();
  verb.add_option("--seed", options->seed, "of the random starts")->capture_default_str();
  CLI::Option* folder = verb.add_option(
      "--output-dir", options->output_dir,
      "of one image: write the attacked one here (adversarial.png of 16 bits, .npy), the trees "
      "before and after, and report.html, a page of both");
  verb.add_option("--top", options->top, "N of those trees")->needs(folder)->capture_default_str();
  add_concepts_flag(verb, options->concepts)->needs(folder);
  const auto start = [options] { return std::vector<std::string>{options->start}; };
  require_uses(verb, {{"--start", start, {{"--restarts", {"random"}}, {"--seed", {"random"}}}}});
}

void add_context(CLI::App& app) {
  const auto options = std::make_shared<ExperimentCommandOptions>();
  CLI::App& verb = add_experiment(app, "context",
                                  "over many segmented images, what the activation maps of each "
                                  "class's trees lie on (Fig. 13 and 14)",
                                  options, context);
  add_regions(verb, options->regions);
  add_mask_threshold(verb, options->mask_threshold, "; 0: all that is positive");
  verb.add_option("--top", options->top, "N of the trees")->capture_default_str();
  verb.add_option("--depth", options->depth, "stages to go down")->capture_default_str();
  add_page(verb, options->html);
}

void add_class_graph(CLI::App& app) {
  const auto options = std::make_shared<ExperimentCommandOptions>();
  options->depth = 0;
  CLI::App& verb = add_experiment(app, "class-graph",
                                  "over many images, the trees of a class added up: which channels "
                                  "support it, and each other, how often and how strongly",
                                  options, class_graph);
  verb.add_option("--top", options->top, "N of the trees")->capture_default_str();
  verb.add_option("--depth", options->depth, "stages to go down; 0: all")->capture_default_str();
  add_overlaps(verb, options->merge, options->mask_threshold,
               "make one node of channels whose activation maps overlap by more than this (IoU)");
  verb.add_option("--share", options->share,
                  "of each level the strongest edges are shown that hold this share of its weight, "
                  "1: all; the results file has all of them")
      ->capture_default_str();
  verb.add_option("--show", options->show,
                  "the class whose graph is printed; the one of most trees without it");
  add_concepts_flag(verb, options->concepts);
  CLI::Option* folder =
      verb.add_option("--output-dir", options->output_dir,
                      "write graphs.html and a picture per class here, CLASS-INDEX.png");
  add_patches_shown(verb, options->patches, folder);
}

void add_what_ifs(CLI::App& app) {
  const auto options = std::make_shared<ExperimentCommandOptions>();
  options->fill.clear();
  CLI::App& verb = add_experiment(app, "what-ifs",
                                  "over many images, what the network says without what a channel "
                                  "looks at, or with channels off, beside chance (Fig. 11)",
                                  options, what_ifs);
  CLI::Option* at = verb.add_option(
      "--at", options->at,
      "fill where a channel looks: top (without it), the one of the last stage that supports the "
      "class most, or LAYER:CHANNEL, straight from the class");
  CLI::Option* region =
      verb.add_option("--region", options->region,
                      "mask, where its activation map is high, or field, the receptive field of "
                      "its peak")
          ->check(CLI::IsMember(words_of(evidence_parts)))
          ->capture_default_str();
  CLI::Option* threshold =
      add_mask_threshold(verb, options->mask_threshold, "; 0: all that is positive");
  add_mask_use(verb, options->region);
  verb.add_option("--off", options->off,
                  "switch channels off: LAYER:CHANNEL,..., or top, the one of the last stage that "
                  "supports the class most")
      ->excludes(at)
      ->excludes(region)
      ->excludes(threshold);
  add_change_fill(verb, options->fill);
  verb.add_option("--controls", options->controls,
                  "boxes with as many pixels, or other channels of the layer, drawn by chance")
      ->capture_default_str();
  verb.add_option("--seed", options->seed, "of what is drawn")->capture_default_str();
  verb.add_flag("--failures", options->failures,
                "change alone what is classified wrongly, by its label");
}

CLI::Option* add_names_by_patches(CLI::App& verb, ConceptsCommandOptions& options) {
  CLI::Option* patches = verb.add_option(
      "--patches", options.patches,
      "in place of images and regions a file that hdecomp patches wrote: a channel's name is the "
      "class that most of its patches' photographs have");
  verb.add_option("--min-share", options.least_share,
                  "with a smaller share of its patches a channel has no name")
      ->needs(patches)
      ->capture_default_str();
  return patches;
}

void add_concepts(CLI::App& app) {
  auto options = std::make_shared<ConceptsCommandOptions>();
  CLI::App& verb = *app.add_subcommand(
      "concepts",
      "a name for each channel: what its largest features lie on, over many segmented images, or "
      "the class of its patches, for --concepts of explain and serve");
  add_images(verb, options->images, "images, or a folder of images");
  add_regions(verb, options->regions);
  verb.get_option("--regions")->required(false);
  verb.add_option("--layers", options->layers,
                  "whose channels: stage-ends, or layers by name: conv4_3,conv5_3")
      ->delimiter(',')
      ->capture_default_str();
  verb.add_option("--share", options->share,
                  "of a channel's values over all images: the largest, its mask")
      ->capture_default_str();
  verb.add_option("--min-iou", options->least_iou,
                  "with a smaller intersection over union a channel has no name")
      ->capture_default_str();
  CLI::Option* patches = add_names_by_patches(verb, *options);
  add_amounts(verb, options->limit, options->batch);
  verb.add_option("-o,--output", options->output,
                  "the concepts file to write (.h5); its table goes beside it as .csv")
      ->required();
  verb.add_flag("--resume", options->resume,
                "go on with what a killed run left beside it (.partial), if it is there");
  add_exif(verb, options->common);
  for (const char* of_images :
       {"--image-set", "--every", "--region-names", "--region-kind", "--first-label", "--layers",
        "--share", "--min-iou", "--limit", "--batch", "--resume", "--exif"}) {
    patches->excludes(verb.get_option(of_images));
  }
  add_common(verb, options->common);
  add_over_ranks(verb);
  verb.callback([options] { concepts(*options); });
}

}  // namespace

void add_diagnoses(CLI::App& app) {
  add_discriminate(app);
  add_attack(app);
  add_context(app);
  add_class_graph(app);
  add_what_ifs(app);
  add_concepts(app);
}

}  // namespace hdecomp::tools
