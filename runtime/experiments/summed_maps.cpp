/// Maps by several methods.
#include "runtime/experiments/summed_maps.h"

namespace hdecomp {

SummedMaps summed(const MethodMaps& maps) {
  SummedMaps all;
  for (const SaliencyMaps& of_method : maps) all.emplace_back(of_method.begin(), of_method.end());
  return all;
}

MethodMaps maps_by(const std::vector<SaliencyOptions>& questions, SaliencyNet& net,
                   const Tensor& inputs, Classes classes) {
  MethodMaps maps;
  bool fresh = false;  // whether the features are the inputs'
  for (const SaliencyOptions& question : questions) {
    if (!fresh) run_inputs(net, inputs);
    maps.push_back(saliency_maps(net, classes, question));
    fresh = keeps_features(question.method);
  }
  if (!fresh) run_inputs(net, inputs);
  return maps;
}

}  // namespace hdecomp
