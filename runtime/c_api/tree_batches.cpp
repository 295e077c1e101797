/// The C interface's trees of several images: together, and one batch begun after the other.
#include "hdecomp/error.h"
#include "runtime/c_api/tree_handles.h"

namespace hdecomp::c_api {

ExplainOptions explain_options(const hdecomp_explain_options& given) {
  ExplainOptions options;
  options.target = text_of(given.target);
  take(options.top, given.top);
  options.depth = given.depth;
  options.keep_maps = given.keep_maps != 0;
  take(options.peaks, given.peaks);
  options.overlaps = overlaps_of(given.merge_overlaps, given.mask_threshold);
  options.guided = given.guided != 0;
  options.baseline = baseline_of(given.baseline, given.means);
  options.stop = token_of(given.stop);
  options.from = text_of(given.from);
  options.cover = given.cover;
  options.surrogate = given.surrogate != 0;
  if (given.concepts != nullptr) options.concepts = given.concepts->concepts;
  return options;
}

hdecomp_explain_options batch_options(const hdecomp_explain_options* options) {
  const hdecomp_explain_options given = options_of(options, "options");
  if (given.after_level != nullptr) throw UserError("after_level is for one image");
  if (given.against != 0) throw UserError("against is for one image");
  return given;
}

}  // namespace hdecomp::c_api

using namespace hdecomp;
using namespace hdecomp::c_api;

extern "C" {

hdecomp_status hdecomp_explain_batch(hdecomp_explainer* explainer,
                                     const hdecomp_image* const* images, size_t count,
                                     const hdecomp_explain_options* options,
                                     hdecomp_trees** trees) {
  return guarded([&] {
    required(trees, "trees");
    const hdecomp_explain_options given = batch_options(options);
    Explainer& its = required(explainer, "explainer").explainer;
    auto made = std::make_unique<hdecomp_trees>();
    const ExplainOptions asked = explain_options(given);
    const auto report = callback(given.after_batch, given.data);
    in_batches(its, images, count, [&](std::span<const Image> batch) {
      for (Explained& one : its.explain_batch(batch, asked)) made->add(one);
      if (report) report(std::ssize(made->trees), static_cast<int64_t>(count));
    });
    *trees = made.release();
  });
}

int64_t hdecomp_trees_count(const hdecomp_trees* trees) {
  return trees == nullptr ? 0 : std::ssize(trees->trees);
}

hdecomp_status hdecomp_trees_get(const hdecomp_trees* trees, int64_t i, const hdecomp_tree** tree) {
  return guarded([&] {
    required(tree, "tree");
    *tree = &required(trees, "trees").tree(i);
  });
}

void hdecomp_trees_free(hdecomp_trees* trees) { delete trees; }

hdecomp_status hdecomp_begin_batch(hdecomp_explainer* explainer, const hdecomp_image* const* images,
                                   size_t count, const hdecomp_explain_options* options) {
  return guarded([&] {
    hdecomp_explainer& its = required(explainer, "explainer");
    const hdecomp_explain_options given = batch_options(options);
    if (given.after_batch != nullptr) throw UserError("after_batch is for hdecomp_explain_batch");
    const auto most = static_cast<size_t>(its.explainer.batch());
    if (count < 1 || count > most) {
      throw UserError(joined("a batch of ", count, " images; the explainer's is 1 to ", most));
    }
    its.begun.push_back(copies_of(images, count));
    try {
      its.explainer.begin_batch(its.begun.back(), explain_options(given));
    } catch (...) {
      its.begun.pop_back();
      throw;
    }
  });
}

hdecomp_status hdecomp_finish_batch(hdecomp_explainer* explainer, hdecomp_trees** trees) {
  return guarded([&] {
    required(trees, "trees");
    hdecomp_explainer& its = required(explainer, "explainer");
    if (its.begun.empty()) throw UserError("no batch is begun");
    const std::vector<Image> images = std::move(its.begun.front());  // are read until the end
    its.begun.pop_front();
    auto made = std::make_unique<hdecomp_trees>();
    for (Explained& one : its.explainer.finish_batch()) made->add(one);
    *trees = made.release();
  });
}

}  // extern "C"
