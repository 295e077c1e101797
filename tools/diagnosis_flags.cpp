/// The flags of the verbs of Section 4.2, which diagnose a network over many images.
#include "hdecomp/experiment.h"
#include "tools/choices.h"
#include "tools/experiment_flags.h"

namespace hdecomp::tools {
namespace {

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
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  verb.add_option("--shuffles", options->shuffles,
                  "orders of chance of the labels, whose mean is the chance level")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  verb.add_option("--seed", options->seed, "of those orders")->capture_default_str();
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
      "of one image: write the attacked one here (adversarial.png of 16 bits, .npy), and the trees "
      "before and after");
  verb.add_option("--top", options->top, "N of those trees")->needs(folder)->capture_default_str();
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
  verb.add_option("--patches", options->patches,
                  "files that hdecomp patches wrote with this model: the page shows what each "
                  "channel looks for")
      ->delimiter(',')
      ->needs(folder);
}

void add_concepts(CLI::App& app) {
  auto options = std::make_shared<ConceptsCommandOptions>();
  CLI::App& verb = *app.add_subcommand(
      "concepts",
      "over many segmented images, a name for each channel: what its largest features "
      "lie on, for --concepts of explain and serve");
  add_images(verb, options->images, "images, or a folder of images");
  add_regions(verb, options->regions);
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
  add_amounts(verb, options->limit, options->batch);
  verb.add_option("-o,--output", options->output,
                  "the concepts file to write (.h5); its table goes beside it as .csv")
      ->required();
  add_exif(verb, options->common);
  add_common(verb, options->common);
  verb.callback([options] { concepts(*options); });
}

}  // namespace

void add_diagnoses(CLI::App& app) {
  add_discriminate(app);
  add_attack(app);
  add_context(app);
  add_class_graph(app);
  add_concepts(app);
}

}  // namespace hdecomp::tools
