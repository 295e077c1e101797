/// The C interface's classes, ablations, saliency maps and features.
#include "hdecomp/error.h"
#include "hdecomp/json.h"
#include "runtime/c_api/handles.h"

namespace hdecomp::c_api {

hdecomp_class_score score_of(const ClassScore& score) {
  hdecomp_class_score to{};
  to.index = score.index;
  to.name = score.name.c_str();
  to.wnid = score.wnid.c_str();
  to.score = score.score;
  to.probability = score.probability;
  return to;
}

namespace {

AblationOptions ablation_options(const hdecomp_ablation_options& given) {
  AblationOptions options;
  options.fill = given.zero != 0 ? AblationFill::zero : AblationFill::mean;
  if (given.fill != nullptr) options.fill = fill_of(given.fill, given.means);
  if (options.fill == AblationFill::data_set) options.means = means_of(given.means);
  options.baseline = baseline_of(given.baseline, given.means);
  options.overlaps = overlaps_of(given.merge_overlaps, given.mask_threshold);
  options.method = given.naive != 0 ? AblationMethod::naive : AblationMethod::fast;
  take(options.top, given.top);
  options.stop = token_of(given.stop);
  options.after_batch = callback(given.after_batch, given.data);
  return options;
}

SaliencyOptions saliency_options(const hdecomp_saliency_options& given) {
  SaliencyOptions options;
  if (given.method != nullptr) options.method = saliency_method(given.method);
  options.target = text_of(given.target);
  take(options.samples, given.samples);
  options.seed = given.seed;
  options.stop = token_of(given.stop);
  take(options.noise, given.noise);
  options.relu = given.relu != 0;
  take(options.top, given.top);
  choose(options.rule, "lrp_rule", given.lrp_rule, lrp_rules);
  choose(options.start, "path_start", given.path_start, path_starts);
  choose(options.sum, "gap_sum", given.gap_sum, gap_sums);
  take(options.epsilon, given.epsilon);
  options.after_samples = callback(given.after_samples, given.data);
  check_used(options, {&options.method, 1});
  return options;
}

hdecomp_ablation_info info_of(const Ablation& ablation) {
  const Decomposition& step = *ablation.gap.decision.step;
  hdecomp_ablation_info to{};
  to.layer = step.layer.c_str();
  to.channels = std::ssize(ablation.drops);
  to.drops = ablation.drops.data();
  to.first_order = ablation.first_order.data();
  to.contribution = step.contribution.data();
  to.rounding = ablation.rounding;
  to.unchanged = ablation.unchanged ? 1 : 0;
  to.with_contribution = ablation.with_contribution;
  to.with_first_order = ablation.with_first_order;
  to.with_peak = ablation.with_peak;
  to.with_mean_gradient = ablation.with_mean_gradient;
  to.with_max_gradient = ablation.with_max_gradient;
  to.groups = std::ssize(ablation.groups);
  return to;
}

}  // namespace
}  // namespace hdecomp::c_api

using namespace hdecomp;
using namespace hdecomp::c_api;

extern "C" {

hdecomp_status hdecomp_classify(hdecomp_explainer* explainer, const hdecomp_image* image,
                                int32_t count, hdecomp_scores** scores) {
  return guarded([&] {
    required(scores, "scores");
    put(scores,
        required(explainer, "explainer").explainer.classify(required(image, "image").image, count));
  });
}

int64_t hdecomp_scores_count(const hdecomp_scores* scores) {
  return scores == nullptr ? 0 : std::ssize(scores->scores);
}

hdecomp_status hdecomp_scores_get(const hdecomp_scores* scores, int64_t i,
                                  hdecomp_class_score* score) {
  return guarded([&] {
    const std::vector<ClassScore>& all = required(scores, "scores").scores;
    if (i < 0 || i >= std::ssize(all)) {
      throw UserError(joined("no score ", i, "; there are ", all.size()));
    }
    give(score_of(all[i]), score, "score");
  });
}

void hdecomp_scores_free(hdecomp_scores* scores) { delete scores; }

hdecomp_status hdecomp_ablate(hdecomp_explainer* explainer, const hdecomp_image* image,
                              const char* from, const char* to,
                              const hdecomp_ablation_options* options,
                              hdecomp_ablation** ablation) {
  return guarded([&] {
    required(ablation, "ablation");
    const AblationOptions asked = ablation_options(options_of(options, "options"));
    put(ablation, required(explainer, "explainer")
                      .explainer.ablate(required(image, "image").image, &required(from, "from"),
                                        text_of(to), asked));
  });
}

hdecomp_status hdecomp_ablation_get(const hdecomp_ablation* ablation, hdecomp_ablation_info* info) {
  return guarded([&] { give(info_of(required(ablation, "ablation").ablation), info, "info"); });
}

hdecomp_status hdecomp_ablation_group(const hdecomp_ablation* ablation, int64_t i,
                                      hdecomp_ablation_channels* group) {
  return guarded([&] {
    const GroupDrop& its = at(required(ablation, "ablation").ablation.groups, i, "group");
    give(hdecomp_ablation_channels{0, its.channels.data(), its.channels.size(), its.drop,
                                   its.members_drop},
         group, "group");
  });
}

hdecomp_status hdecomp_ablation_json(const hdecomp_ablation* ablation, int32_t indent,
                                     hdecomp_text** json) {
  return guarded([&] {
    required(json, "json");
    put(json, to_json(required(ablation, "ablation").ablation, indent));
  });
}

void hdecomp_ablation_free(hdecomp_ablation* ablation) { delete ablation; }

hdecomp_status hdecomp_saliency_map(hdecomp_explainer* explainer, const hdecomp_image* image,
                                    const hdecomp_saliency_options* options,
                                    hdecomp_saliency** map) {
  return guarded([&] {
    required(map, "map");
    const SaliencyOptions asked = saliency_options(options_of(options, "options"));
    put(map,
        required(explainer, "explainer").explainer.saliency(required(image, "image").image, asked));
  });
}

hdecomp_status hdecomp_saliency_batch(hdecomp_explainer* explainer,
                                      const hdecomp_image* const* images, size_t count,
                                      const hdecomp_saliency_options* options,
                                      hdecomp_saliency** maps) {
  return guarded([&] {
    required(maps, "maps");
    const SaliencyOptions asked = saliency_options(options_of(options, "options"));
    put_batches(maps, required(explainer, "explainer").explainer, images, count,
                &Explainer::saliency_batch, asked);
  });
}

hdecomp_status hdecomp_saliency_get(const hdecomp_saliency* map, hdecomp_saliency_info* info) {
  return guarded([&] {
    const SaliencyMap& its = required(map, "map").map;
    give(hdecomp_saliency_info{0, its.layer.c_str(), its.channels, its.height, its.width,
                               its.values.data(), its.decision.index, its.completeness.sum,
                               its.completeness.difference, its.leaves, its.paths},
         info, "info");
  });
}

void hdecomp_saliency_free(hdecomp_saliency* map) { delete map; }

hdecomp_status hdecomp_layer_features(hdecomp_explainer* explainer, const hdecomp_image* image,
                                      const char* layer, hdecomp_features** features) {
  return guarded([&] {
    required(features, "features");
    put(features,
        required(explainer, "explainer")
            .explainer.features(required(image, "image").image, &required(layer, "layer")));
  });
}

hdecomp_status hdecomp_features_get(const hdecomp_features* features, hdecomp_features_info* info) {
  return guarded([&] {
    const LayerFeatures& its = required(features, "features").features;
    give(hdecomp_features_info{0, its.layer.c_str(), its.channels, its.height, its.width,
                               its.values.data()},
         info, "info");
  });
}

void hdecomp_features_free(hdecomp_features* features) { delete features; }

}  // extern "C"
