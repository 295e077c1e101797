/// Maps by several methods.
#include "runtime/experiments/summed_maps.h"

namespace hdecomp {

SummedMaps summed(const MethodMaps& maps) {
  SummedMaps all;
  for (const SaliencyMaps& of_method : maps) all.emplace_back(of_method.begin(), of_method.end());
  return all;
}

std::vector<MethodMaps> maps_by(const std::vector<SaliencyOptions>& questions,
                                std::vector<SaliencyTurn> turns, const Tensor& inputs,
                                const std::function<void(size_t)>& begin) {
  std::vector<MethodMaps> maps(turns.size(), MethodMaps(questions.size()));
  in_turn(turns, inputs, [&](size_t t) {
    SaliencyTurn& turn = turns[t];
    begin(t);
    turn.scores = scores_of_run(turn.net, turn.classes);
    for (size_t m = 0; m < questions.size(); ++m) {
      if (!keeps_features(questions[m].method)) continue;
      maps[t][m] = saliency_maps(turn.net, turn.classes, questions[m]);
    }
  });
  for (size_t m = 0; m < questions.size(); ++m) {
    if (keeps_features(questions[m].method)) continue;
    std::vector<SaliencyMaps> sampled = sampled_maps(turns, inputs, questions[m]);
    for (size_t t = 0; t < turns.size(); ++t) maps[t][m] = std::move(sampled[t]);
  }
  return maps;
}

}  // namespace hdecomp
