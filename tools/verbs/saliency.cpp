/// The verb saliency: one photograph's map by one method, or by all.
#include <cmath>
#include <cstdio>

#include "hdecomp/decode_ahead.h"
#include "tools/choices.h"
#include "tools/images/photo_input.h"
#include "tools/output/saliency_file.h"
#include "tools/page/saliency_json.h"
#include "tools/runs/session.h"
#include "tools/verbs.h"

namespace hdecomp::tools {
namespace {
SaliencyOptions saliency_question(const SaliencyCommandOptions& options, const Model& model) {
  SaliencyOptions question;
  question.method = saliency_method(options.method);
  question.target = options.target;
  question.samples = options.samples;
  question.noise = options.noise;
  question.seed = options.seed;
  question.start = choice_of<PathStart>(options.baseline, path_starts);
  question.relu = options.relu;
  question.rule = choice_of<LrpRule>(options.rule, lrp_rules);
  question.epsilon = options.epsilon;
  question.sum = choice_of<GapSum>(options.gap_sum, gap_sums);
  question.top = options.top;
  check_saliency(question);
  if (!options.noise_file.empty()) {
    const PixelSize& size = model.preprocess().crop;
    question.given_noise = std::make_shared<const std::vector<float>>(
        load_npy(options.noise_file, options.samples * Image::channels * size.height * size.width));
  }
  return question;
}

void print(const SaliencyMap& map) {
  std::printf("%s: %lld x %lld x %lld of %s, %.0f ms", to_string(map.method).c_str(),
              static_cast<long long>(map.channels), static_cast<long long>(map.height),
              static_cast<long long>(map.width), map.layer.c_str(), map.ms);
  if (map.method == SaliencyMethod::integrated_gradients) {
    const Completeness& ends = map.completeness;
    std::printf("; sums up to %.4g where the score differs by %.4g, a gap of %.2g %%", ends.sum,
                ends.difference,
                100 * std::abs(ends.sum - ends.difference) / std::abs(ends.difference));
  }
  if (map.method == SaliencyMethod::gap) {
    std::printf("; %lld neurons on %.0f paths", static_cast<long long>(map.leaves), map.paths);
  }
  std::printf("\n");
}

void print(const std::vector<SaliencyMap>& maps, const SaliencyCommandOptions& options) {
  const ClassScore& decision = maps.front().decision;
  if (options.common.json) {
    const std::string text = json_object([&](JsonWriter& json) {
      json.field("class", decision.index);
      json.field("name", decision.name);
      json.field("score", decision.score);
      json.field("probability", decision.probability);
      json.key("maps");
      json.begin_array();
      for (const SaliencyMap& map : maps) {
        json.begin_object();
        put_saliency(json, map);
        json.end();
      }
      json.end();
    });
    std::printf("%s\n", text.c_str());
    return;
  }
  std::printf("%s (class %lld)  score %.4g  probability %.1f %%\n", decision.name.c_str(),
              static_cast<long long>(decision.index), decision.score, 100 * decision.probability);
  for (const SaliencyMap& map : maps) print(map);
  std::printf("wrote %s\n", options.output.c_str());
}

}  // namespace

void saliency(const SaliencyCommandOptions& options) {
  is_picture_of_maps(options.output, options.save_all);  // before the work
  const CommonOptions& common = options.common;
  const Decoded decoded = read_photo(options.image, common);
  const Model model = load_model(common, ModelMemory::mapped);
  SaliencyOptions question = saliency_question(options, model);
  const int batch = batch_for(common, options.batch, static_cast<size_t>(options.samples));
  Explainer explainer(model, {common.device, common.threads, batch, common.precision, true});
  std::vector<SaliencyMap> maps;
  const size_t methods = options.save_all ? std::size(saliency_methods) : 1;
  for (size_t i = 0; i < methods; ++i) {
    if (options.save_all) question.method = static_cast<SaliencyMethod>(i);
    maps.push_back(naming(photo_name(options.image),
                          [&] { return explainer.saliency(decoded.photo, question); }));
  }
  write_maps_of(maps, decoded.photo, model, options.side, options.output);
  print(maps, options);
}

}  // namespace hdecomp::tools
