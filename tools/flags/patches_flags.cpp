/// The flags of the verb patches.
#include "hdecomp/patches.h"
#include "tools/choices.h"
#include "tools/flags/flags.h"
#include "tools/list_verbs.h"

namespace hdecomp::tools {

void add_patches(CLI::App& app) {
  const auto options = std::make_shared<PatchesCommandOptions>();
  CLI::App& verb = *app.add_subcommand("patches",
                                       "what each channel looks for: the places of many images "
                                       "where it is at its largest (Fig. 11)");
  add_images(verb, options->images, "images, or a folder of images");
  add_labels_flag(verb, options->labels);
  add_amounts(verb, options->limit, options->batch);
  verb.add_option("--layers", options->layers, "stage-ends, or layers by name: conv4_3,conv5_3")
      ->delimiter(',')
      ->capture_default_str();
  verb.add_option("--by", options->by,
                  "activation: the maximum of F; contribution: the largest alpha in the tree of "
                  "the image's most probable class")
      ->check(CLI::IsMember(words_of(patch_rankings)))
      ->capture_default_str();
  verb.add_option("--top", options->top, "patches of a channel, one an image")
      ->capture_default_str();
  verb.add_option("--tree-top", options->tree_top, "N of those trees")->capture_default_str();
  verb.add_option("--side", options->side, "of a patch's picture, the longer one, in pixels")
      ->capture_default_str();
  verb.add_option("-o,--output", options->output, "the patches file to write (.h5)")->required();
  verb.add_flag("--resume", options->resume,
                "go on with a run that was ended, or with its file, if one is there");
  add_exif(verb, options->common);
  add_common(verb, options->common);
  add_over_ranks(verb);
  const auto by = [options] { return std::vector<std::string>{options->by}; };
  require_uses(verb, {{"--by", by, {{"--tree-top", {"contribution"}}}}});
  verb.callback([options] { patches(*options); });
}

}  // namespace hdecomp::tools
