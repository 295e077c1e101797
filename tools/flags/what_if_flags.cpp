/// The flags of what-if.
#include "tools/choices.h"
#include "tools/flags/flags.h"
#include "tools/trees/evidence_region.h"

namespace hdecomp::tools {
namespace {

/// What is changed, and what of chance is shown beside it.
void add_change(CLI::App& verb, WhatIfCommandOptions& options) {
  CLI::Option* box =
      verb.add_option("--box", options.box, "fill x,y,width,height, in the photograph's pixels");
  CLI::Option* at =
      verb.add_option("--at", options.at,
                      "fill where a channel looks: LAYER:CHANNEL or LAYER:CHANNEL@Y,X, as the tree "
                      "has it (else straight from the class), or top, the tree's first node")
          ->excludes(box);
  verb.add_option("--region", options.region,
                  "of --at: mask, where its activation map is high, or field, the receptive field "
                  "of its peak")
      ->check(CLI::IsMember(words_of(evidence_parts)))
      ->needs(at)
      ->capture_default_str();
  verb.add_option("--mask-threshold", options.mask_threshold,
                  "share of the activation map's maximum above which its mask lies")
      ->needs(at)
      ->capture_default_str();
  add_mask_use(verb, options.region);
  verb.add_option("--off", options.off,
                  "switch channels off: LAYER:CHANNEL,..., as conv4_3:330,12,conv5_3:7")
      ->excludes(box)
      ->excludes(at);
  add_change_fill(verb, options.fill);
  verb.add_option("--controls", options.controls,
                  "boxes of the same size, or other channels of the layer, drawn by chance, that "
                  "are shown beside it")
      ->capture_default_str();
  verb.add_option("--seed", options.seed, "of what is drawn")->capture_default_str();
}

}  // namespace

void add_what_if(CLI::App& app) {
  auto options = std::make_shared<WhatIfCommandOptions>();
  CLI::App& verb = *app.add_subcommand(
      "what-if",
      "what the network says, and its tree, with part of the image filled or channels off");
  add_photo(verb, options->image);
  add_change(verb, *options);
  CLI::Option* target =
      verb.add_option("--class", options->target,
                      "the class in question: index, WordNet id or name; the top one without it");
  add_versus(verb, options->common)->needs(target);
  verb.add_option("--top", options->top, "N, supporting channels per decision")
      ->capture_default_str();
  verb.add_option("--depth", options->depth, "stages to go down, or all")->capture_default_str();
  verb.add_option("--show", options->show, "levels of the trees that the terminal shows, or all")
      ->capture_default_str();
  verb.add_option("-o,--output-dir", options->output_dir,
                  "write what_if.json, report.html, the filled photograph and both trees with "
                  "their pictures here");
  add_batch(verb, options->batch, "photographs that");
  add_exif(verb, options->common);
  add_common(verb, options->common);
  verb.callback([options] { what_if(*options); });
}

}  // namespace hdecomp::tools
