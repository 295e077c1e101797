/// The verbs explain and decompose.
#include <cstdio>
#include <limits>

#include "tools/choices.h"
#include "tools/console/complaint.h"
#include "tools/console/json_text.h"
#include "tools/images/image_list.h"
#include "tools/images/photo_input.h"
#include "tools/page/against.h"
#include "tools/runs/difference.h"
#include "tools/runs/fill.h"
#include "tools/runs/patch_files.h"
#include "tools/runs/session.h"
#include "tools/trees/tree_files.h"
#include "tools/trees/tree_text.h"
#include "tools/verbs.h"
#include "tools/verbs/explain_many.h"

namespace hdecomp::tools {
namespace {

void print_timings(const Timings& timings) {
  for (const auto& [what, ms] : timings) std::printf("%s %.0f ms  ", what.c_str(), ms);
  std::printf("\n");
}

template <class Result>
void print_json(const Result& result, Pictures pictures) {
  write_json(result, to_stdout, with_pictures(pictures));
  std::printf("\n");
}

/// The maps for the report, of the decision that the tree is of.
std::vector<SaliencyMap> saliency_maps(const std::vector<SaliencyMethod>& methods,
                                       const Image& photo, const Tree& tree, Explainer& explainer) {
  std::vector<SaliencyMap> maps;
  for (const SaliencyMethod method : methods) {
    SaliencyOptions question;
    question.method = method;
    question.target = joined("index:", tree.decision.index);
    maps.push_back(explainer.saliency(photo, question));
  }
  return maps;
}

/// JSON has every channel's contribution anyway.
template <class Options>
void check_signed(const Options& options) {
  if (options.is_signed && options.common.json) {
    throw UserError("--signed: JSON has the contributions of either sign; leave out --signed");
  }
}

void print_tree(const Tree& tree, const std::string& name, int show,
                const ExplainCommandOptions& options) {
  std::printf(
      "%s%s%s\n\n%s\n", one_line(name).c_str(), tree.top.empty() ? "" : ": ",
      scores_text(tree.top).c_str(),
      tree_text(tree, show, against_of(options.is_signed, options.cover, options.top)).c_str());
  print_timings(tree.timings_ms);
  if (!options.output_dir.empty()) std::printf("%s\n", written_words(options, tree).c_str());
}

void explain_one(ExplainCommandOptions options) {
  const int all = std::numeric_limits<int>::max();
  const int show = count_or_all("--show", options.show, all);
  const std::vector<SaliencyMethod> methods = saliency_methods_of("--saliency", options.saliency);
  const std::string name = photo_name(options.images.images.front());
  const Decoded decoded = read_photo(options.images.images.front(), options.common);
  Session session = start(options.common);
  ExplainOptions question = explain_options(options, session.explainer.model());
  const PatchFiles patches =
      read_patch_files(options.patches, options.common, session.explainer.model());
  const auto tree_of = [&](const std::string& target) {
    question.target = target;
    return session.explainer.explain(decoded.photo, question);
  };
  ReportParts parts;
  std::optional<PageDifference> difference;
  Tree tree = naming(name, [&] {
    return or_difference(decoded.photo, options.target, options.common, session, difference,
                         tree_of);
  });
  tree.timings_ms["load"] = session.load_ms;
  tree.timings_ms["decode"] = decoded.ms;
  if (!options.output_dir.empty()) {
    parts.maps = saliency_maps(methods, decoded.photo, tree, session.explainer);
    parts.patches = patches;
    if (options.html) {
      parts.against = evidence_against(session.explainer, decoded.photo, tree.root,
                                       against_of(options.is_signed, options.cover, options.top),
                                       tree.baseline);
    }
    TreeFiles files = tree_files(options);
    files.progress = counted_pictures();
    write_tree(tree, files, options.output_dir, name, decoded.photo, session.explainer.model(),
               std::move(parts), difference);
  }
  if (options.common.json) {
    print_json(tree, pictures_of(options));
    return;
  }
  print_tree(tree, name, show, options);
}

void print_step(const DecisionStep& step, const DecomposeOptions& options) {
  std::printf("%s",
              step_text(step, against_of(options.is_signed, options.cover, options.top)).c_str());
  print_timings(step.timings_ms);
  if (options.output_dir.empty()) return;
  const std::vector<TreeNode>& chosen = step.decision.children();
  const bool guided = !chosen.empty() && chosen.front().guided;  // not for pixels of the image
  std::printf("wrote %s/step.json and maps/%s%s\n", options.output_dir.c_str(),
              guided ? " and guided/" : "",
              options.maps.empty() ? "" : (", " + maps_words(options.maps)).c_str());
}

}  // namespace

ExplainOptions explain_options(const ExplainCommandOptions& options, const Model& model) {
  const int depth = count_or_all("--depth", options.depth, 0);
  ExplainOptions question{options.target, options.top, depth, needs_maps(options), options.guided};
  if (options.merge_overlaps) {
    question.overlaps = OverlapOptions{*options.merge_overlaps, options.mask_threshold};
  }
  question.peaks = options.peaks;
  question.from = options.from;
  question.cover = options.cover;
  question.baseline = read_baseline(options.baseline, options.common, model);
  question.surrogate = options.surrogate;
  question.concepts = read_concepts(options.concepts, options.common, model);
  return question;
}

void explain(const ExplainCommandOptions& given) {
  ExplainCommandOptions options = given;
  options.target = take_versus(given.target, options.common);
  if (!options.from.empty() && !options.saliency.empty()) {
    throw UserError("--saliency: its maps are of a class, not of a feature; leave out --from");
  }
  if (!options.output_dir.empty()) check_files(tree_files(options));
  check_signed(options);
  if (names_several(options.images)) {
    if (options.is_signed) throw UserError("--signed: give one image; of many each is a line");
    if (!options.saliency.empty()) throw UserError("--saliency: give one image");
    return explain_many(options);
  }
  if (!options.labels.empty()) throw UserError("--labels: give several images, a folder or --list");
  explain_one(std::move(options));
}

void decompose(const DecomposeOptions& given) {
  DecomposeOptions options = given;
  check_signed(options);
  options.from = from_versus(given.from, options.common);
  const Decoded decoded = read_photo(options.image, options.common);
  Session session = start(options.common);
  const bool pictures = !options.output_dir.empty();
  StepOptions question{options.top, pictures, options.guided};
  question.cover = options.cover;
  question.baseline = read_baseline(options.baseline, options.common, session.explainer.model());
  const std::string target =
      options.from.starts_with(of_class) ? options.from.substr(of_class.size()) : "";
  const auto step_of = [&](const std::string& name) {
    return session.explainer.decompose(decoded.photo,
                                       target.empty() ? options.from : joined(of_class, name),
                                       options.to, question);
  };
  std::optional<PageDifference> difference;
  DecisionStep step = naming(photo_name(options.image), [&] {
    return or_difference(decoded.photo, target, options.common, session, difference, step_of);
  });
  step.timings_ms["load"] = session.load_ms;
  step.timings_ms["decode"] = decoded.ms;
  if (!options.output_dir.empty()) {
    TreeFiles files;
    files.maps = options.maps;
    files.threads = threads_of(options.common);
    files.progress = counted_pictures();
    write_step(step, files, options.output_dir, decoded.photo, session.explainer.model());
  }
  if (options.common.json) {
    print_json(step, pictures ? Pictures::all : Pictures::none);
    return;
  }
  print_step(step, options);
}

}  // namespace hdecomp::tools
