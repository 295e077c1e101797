/// The verb what-if: what the network says with part of a photograph filled, or with channels off.
#include "tools/trees/what_if_result.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <limits>

#include "hdecomp/decode_ahead.h"
#include "hdecomp/stopwatch.h"
#include "tools/choices.h"
#include "tools/console/json_text.h"
#include "tools/images/photo_input.h"
#include "tools/page/report.h"
#include "tools/runs/session.h"
#include "tools/trees/tree_files.h"
#include "tools/verbs.h"

namespace hdecomp::tools {
namespace fs = std::filesystem;
namespace {

void check(const WhatIfCommandOptions& options) {
  const auto given = [](const std::string& flag) { return flag.empty() ? 0 : 1; };
  if (given(options.box) + given(options.at) + given(options.off) != 1) {
    throw UserError("what is to change? give --box x,y,width,height, --at NODE or --off CHANNELS");
  }
}

RegionQuestion region_question(const WhatIfCommandOptions& options) {
  return {options.at, choice_of<EvidencePart>(options.region, evidence_parts),
          options.mask_threshold};
}

/// One question, from its flags to its result.
class WhatIfRun {
 public:
  explicit WhatIfRun(const WhatIfCommandOptions& options)
      : options_(options), decoded_(read_photo(options.image, options.common)) {
    if (!options.box.empty()) box_ = photo_box(options.box, photo());
    if (options.off.empty()) pixels_ = read_pixel_fill(options.fill);
    if (!options.at.empty()) check_region(region_question(options));
    depth_ = count_or_all("--depth", options.depth, 0);
  }

  void answer(WhatIfResult& result) {
    const size_t images = 1 + static_cast<size_t>(std::max(options_.controls, 0));  // controls too
    Session session =
        start(options_.common, batch_for(options_.common, options_.batch, images), images);
    result.image = photo_name(options_.image);
    result.width = photo().width;
    result.height = photo().height;
    result.seed = options_.seed;
    result.timings_ms["load"] = session.load_ms;
    result.timings_ms["decode"] = decoded_.ms;
    naming(result.image, [&] {
      options_.off.empty() ? fill_region(session.explainer, result)
                           : switch_off(session.explainer, result);
      return 0;
    });
    if (!options_.output_dir.empty()) write(session.explainer.model(), result);
  }

 private:
  const Image& photo() const { return decoded_.photo; }
  WhatIfOptions question() const { return {options_.target, options_.controls, options_.seed}; }

  ExplainOptions tree_question() const {
    const bool maps = !options_.output_dir.empty() || !options_.at.empty();
    return {options_.target, options_.top, depth_, maps};
  }

  void fill_region(Explainer& explainer, WhatIfResult& result) {
    Change& change = result.change;
    change.pixels = *pixels_;
    change.kind = "box";
    if (box_) change.of_pixels = EvidenceRegion{{*box_, {}}, ""};
    if (!options_.at.empty()) {
      result.tree_before = explainer.explain(photo(), tree_question());
      change.of_pixels =
          evidence_region(explainer, photo(), *result.tree_before, region_question(options_));
      change.kind = options_.region;
    }
    const Stopwatch watch;
    const PhotoRegion& region = change.of_pixels->region;
    result.says = explainer.what_if(photo(), region, change.pixels, question());
    result.timings_ms["what_if"] = watch.ms();
    filled_ = PixelFiller(photo(), change.pixels).filled(region);
    if (!result.tree_before) {
      result.tree_before =
          tree_of(explainer, photo(), result.says.before.decision, tree_question());
    }
    result.tree_after = tree_of(explainer, filled_, result.says.after.decision, tree_question());
  }

  void switch_off(Explainer& explainer, WhatIfResult& result) {
    Change& change = result.change;
    change.kind = "off";
    change.channels = read_fill(options_.fill.empty() ? "zero" : options_.fill, options_.common,
                                explainer.model());
    const Stopwatch watch;
    result.says = explainer.what_if(photo(), channels_off(options_.off), change.channels.fill,
                                    change.channels.means, question());
    result.timings_ms["what_if"] = watch.ms();
    result.tree_before = tree_of(explainer, photo(), result.says.before.decision, tree_question());
    if (!(result.says.after.decision.score > 0)) return;
    const CommonOptions& common = options_.common;
    Explainer without(explainer.model().filled(result.says.off),
                      {common.device, common.threads, 1, common.precision});
    result.tree_after = tree_of(without, photo(), result.says.after.decision, tree_question());
  }

  /// What the tree after is of.
  const Image& photo_after() const { return filled_.rgb.empty() ? photo() : filled_; }

  void write_comparison_of(const WhatIfResult& result, const Model& model,
                           const TextSink& sink) const {
    const std::string name = fs::path(result.image).filename().string();
    const std::vector<ComparedPage> pages =
        compared_pages({{result.tree_before, photo(), name + ", before"},
                        {result.tree_after, photo_after(), name + ", after"}},
                       model, options_.top);
    std::vector<std::string> lines = what_if_lines(result);
    lines[0] = joined(name, ": ", lines[0]);
    write_comparison(lines[0], lines, model, pages, sink);
  }

  /// All at once: the trees each into a folder of its own inside, the rest beside them.
  void write(const Model& model, WhatIfResult& result) const {
    OutputFolder folder(options_.output_dir);
    stage_tree(result.tree_before, options_.common, folder, "before", photo(), model);
    stage_tree(result.tree_after, options_.common, folder, "after", photo_after(), model);
    if (!filled_.rgb.empty()) save_png(filled_, folder.staged("filled.png"));
    folder.write_text("report.html",
                      [&](const TextSink& sink) { write_comparison_of(result, model, sink); });
    folder.write_text("what_if.json",
                      [&](const TextSink& sink) { write_what_if_json(result, false, sink); });
    folder.commit_in_place_of_earlier();
  }

  const WhatIfCommandOptions& options_;
  Decoded decoded_;
  std::optional<PhotoBox> box_;
  std::optional<RegionFill> pixels_;
  int depth_ = 0;
  Image filled_;  // of a region
};

}  // namespace

void what_if(const WhatIfCommandOptions& given) {
  WhatIfCommandOptions options = given;
  options.target = take_versus(given.target, options.common);
  check(options);
  const int show = count_or_all("--show", options.show, std::numeric_limits<int>::max());
  WhatIfResult result;
  WhatIfRun(options).answer(result);
  if (options.common.json) {
    write_what_if_json(result, true, to_stdout);
    std::printf("\n");
    return;
  }
  std::printf("%s", what_if_text(result, show).c_str());
  if (options.output_dir.empty()) return;
  std::printf("wrote %s/what_if.json, report.html%s%s%s\n", options.output_dir.c_str(),
              result.change.of_pixels ? ", filled.png" : "", result.tree_before ? ", before/" : "",
              result.tree_after ? ", after/" : "");
}

}  // namespace hdecomp::tools
