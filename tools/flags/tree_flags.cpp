/// The flags of the verbs that decompose decisions: explain, decompose and ablate.
#include <cstdlib>

#include "hdecomp/error.h"
#include "tools/choices.h"
#include "tools/flags/flags.h"
#include "tools/output/pictures.h"
#include "tools/verbs.h"

namespace hdecomp::tools {
namespace {

constexpr int most_covering = 16;  // channels per decision with --cover, where --top says nothing

CLI::Option* add_cover(CLI::App& verb, double& cover) {
  return verb
      .add_option("--cover", cover,
                  joined("in place of N channels as many as reach this share of the positive "
                         "evidence, from 0 to 1; --top is the most then, ",
                         most_covering, " without it"))
      ->check([](const std::string& text) {
        // 0, which the engine takes for none, is nothing to ask for; it refuses the others.
        return std::strtod(text.c_str(), nullptr) == 0 ? "give a share above 0, at most 1" : "";
      });
}

void add_signed(CLI::App& verb, bool& is_signed) {
  verb.add_flag("--signed", is_signed,
                "in the text, list below each decision's evidence as many channels that speak "
                "against it, with a minus; a report has them as nodes");
}

CLI::Option* add_maps(CLI::App& verb, std::string& maps) {
  return verb
      .add_option("--maps", maps,
                  "write the nodes' activation maps as arrays too: h5, maps.h5; npy, a file per "
                  "decision in maps/")
      ->check(CLI::IsMember({"npy", "h5"}));
}

/// --top and --cover.
struct ChannelCount {
  CLI::Option *top, *cover;

  void settle(int& count) const {
    if (cover->count() > 0 && top->count() == 0) count = most_covering;
  }
};

ChannelCount add_channel_count(CLI::App& verb, const char* help, int& top, double& cover) {
  return {verb.add_option("--top", top, help)->capture_default_str(), add_cover(verb, cover)};
}

/// A class, two of them, or a feature.
void add_root(CLI::App& verb, ExplainCommandOptions& options) {
  CLI::Option* target =
      verb.add_option("--class", options.target,
                      "a class: index, WordNet id or name (index:7 or name:7 where these could be "
                      "mistaken); the top one "
                      "without it");
  CLI::Option* versus = add_versus(verb, options.common)->needs(target);
  verb.add_option("--from", options.from, "a feature to begin with: LAYER:CHANNEL@Y,X")
      ->excludes(target)
      ->excludes(versus);
}

/// What is drawn of the trees, in the folder.
void add_drawings(CLI::App& verb, ExplainCommandOptions& options, CLI::Option* folder) {
  CLI::Option* pictures =
      verb.add_option("--pictures", options.pictures,
                      "sheets: pyramid.png and a sheet per level; all: also a file per node; none")
          ->check(CLI::IsMember(words_of(picture_choices)))
          ->capture_default_str()
          ->needs(folder);
  CLI::Option* bare =
      verb.add_flag_callback(
              "--no-pictures", [&options] { options.pictures = "none"; }, "the same as none")
          ->excludes(pictures);
  const auto drawn = [&options] { return std::vector<std::string>{options.pictures}; };
  const std::vector<std::string> pictured{"sheets", "all"};
  require_uses(verb, {{"--pictures", drawn, {{"--colours", pictured}, {"--guided", pictured}}}});
  add_maps(verb, options.maps)->needs(folder);
  verb.add_option("--colours", options.colours,
                  "of the maps in pictures: jet; ember or dusk, which can be read without seeing "
                  "colours; or signed, with what is against in blue")
      ->check(CLI::IsMember(words_of(colour_names)))
      ->capture_default_str()
      ->needs(folder)
      ->excludes(bare);
  verb.add_flag("--svg", options.svg,
                "write pyramid.svg too: lines and words as such, to be used at any size")
      ->needs(folder)
      ->excludes(bare);
  verb.add_flag("--pdf", options.pdf, "write pyramid.pdf too: the same, for papers")
      ->needs(folder)
      ->excludes(bare);
  verb.add_flag("--guided", options.guided, "draw guided backpropagation too")
      ->needs(folder)
      ->excludes(bare);
}

void add_report(CLI::App& verb, ExplainCommandOptions& options, CLI::Option* folder) {
  CLI::Option* report =
      verb.add_flag("--html", options.html, "write report.html too: the pyramid to click through")
          ->needs(folder);
  verb.add_option("--saliency", options.saliency,
                  "of one image: the methods whose maps the report shows, as gradient,guided,gap")
      ->delimiter(',')
      ->needs(report);
  verb.add_option("--patches", options.patches,
                  "files that hdecomp patches wrote with this model: the report shows what each "
                  "channel looks for")
      ->delimiter(',')
      ->needs(report);
}

void add_output(CLI::App& verb, ExplainCommandOptions& options) {
  CLI::Option* folder = verb.add_option(
      "--output-dir", options.output_dir,
      "write tree.json and pictures here; of many images each into "
      "its own folder, such as DIR/sub/a.jpg/, and index.html, which shows them all");
  add_drawings(verb, options, folder);
  add_report(verb, options, folder);
}

}  // namespace

void add_explain(CLI::App& app) {
  auto options = std::make_shared<ExplainCommandOptions>();
  CLI::App& verb =
      *app.add_subcommand("explain", "the tree of evidence for a class, for one image or many");
  add_images(verb, options->images,
             "JPEG, PNG, WebP, GIF, TIFF, BMP, TGA or PNM files, - for one of standard input, or a "
             "folder: every image in it and below, sorted");
  add_labels_flag(verb, options->labels);
  add_root(verb, *options);
  const ChannelCount count =
      add_channel_count(verb, "N, supporting channels per decision", options->top, options->cover);
  add_signed(verb, options->is_signed);
  verb.add_option("--depth", options->depth, "stages to go down, or all")->capture_default_str();
  add_overlaps(verb, options->merge_overlaps, options->mask_threshold,
               "merge channels whose activation maps overlap by more than this (IoU; the paper has "
               "0.9)");
  verb.add_option("--peaks", options->peaks,
                  "peaks of each channel to decompose, apart by at least a receptive field")
      ->capture_default_str();
  add_baseline(verb, options->baseline);
  verb.add_flag("--surrogate", options->surrogate,
                "of each level, whether the network still finds the class when all channels of the "
                "stage that the tree did not choose are 0");
  add_concepts_flag(verb, options->concepts);
  verb.add_option("--show", options->show,
                  "levels the terminal shows, or all; many images are a line each")
      ->capture_default_str();
  add_batch(verb, options->batch, "of many images, how many");
  add_output(verb, *options);
  add_exif(verb, options->common);
  add_common(verb, options->common);
  verb.callback([options, count] {
    count.settle(options->top);
    explain(*options);
  });
}

void add_decompose(CLI::App& app) {
  auto options = std::make_shared<DecomposeOptions>();
  CLI::App& verb = *app.add_subcommand("decompose", "one gAP step between any two layers");
  add_photo(verb, options->image);
  verb.add_option("--from", options->from, "the decision: LAYER:CHANNEL@Y,X or class:NAME")
      ->required();
  add_versus(verb, options->common);
  verb.add_option("--to", options->to, "the layer to decompose it into")->required();
  const ChannelCount count =
      add_channel_count(verb, "N, supporting channels", options->top, options->cover);
  add_signed(verb, options->is_signed);
  add_baseline(verb, options->baseline);
  CLI::Option* folder =
      verb.add_option("--output-dir", options->output_dir, "write step.json and pictures here");
  add_maps(verb, options->maps)->needs(folder);
  verb.add_flag("--guided", options->guided, "draw guided backpropagation too")->needs(folder);
  add_exif(verb, options->common);
  add_common(verb, options->common);
  verb.callback([options, count] {
    count.settle(options->top);
    decompose(*options);
  });
}

void add_ablate(CLI::App& app) {
  auto options = std::make_shared<AblateOptions>();
  CLI::App& verb = *app.add_subcommand(
      "ablate", "a decision's exact drop for each channel of a lower layer, beside gAP's estimate");
  add_photo(verb, options->image);
  verb.add_option("--from", options->from, "the decision: LAYER:CHANNEL@Y,X or class:NAME")
      ->required();
  add_versus(verb, options->common);
  verb.add_option("--to", options->to, "the layer to ablate; the stage below without it");
  add_ablation(verb, options->fill, options->method);
  add_baseline(verb, options->baseline);
  add_overlaps(verb, options->merge_overlaps, options->mask_threshold,
               "ablate channels together whose activation maps overlap by more than this (IoU)");
  verb.add_option("--top", options->top, "channels to print, the largest drops first")
      ->capture_default_str();
  add_exif(verb, options->common);
  add_common(verb, options->common);
  verb.callback([options] { ablate(*options); });
}

}  // namespace hdecomp::tools
