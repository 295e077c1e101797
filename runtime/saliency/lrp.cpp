/// Layer-wise relevance propagation (Bach et al. 2015): the class score is shared out from layer to
/// layer down to the pixels; the rules stand in lrp_rule.h, as zennit's composites EpsilonPlus and
/// EpsilonPlusFlat choose them (Anders et al. 2021).
#include "runtime/saliency/lrp_rule.h"
#include "runtime/saliency/saliency_net.h"

namespace hdecomp {

SaliencyMaps lrp_maps(SaliencyNet& net, Classes classes, const SaliencyOptions& options) {
  RelevanceRule rule(net.context, net.model, net.executor, options.rule,
                     static_cast<float>(options.epsilon));
  std::vector<Seed> seeds = score_seeds(classes);
  std::vector<Neuron> neurons;
  for (const Seed& seed : seeds) neurons.push_back(seed.neuron);
  const std::vector<float> scores = net.executor.values(net.graph().scores(), neurons);
  for (size_t i = 0; i < seeds.size(); ++i) seeds[i].weight = scores[i];
  return pixel_maps(to_pixels(net, net.graph().scores(), seeds, std::ssize(classes), rule));
}

}  // namespace hdecomp
