/// Drops of a measured decision.
#include "runtime/experiments/measured_drops.h"

#include "runtime/ablation/ablation_fills.h"
#include "runtime/comparison/first_order.h"

namespace hdecomp {

std::vector<float> drops_of(NetworkRunner& network, const Decided& decided) {
  return ablation_drops(network.context, *network.weights, network.executor, decided.question,
                        decided.decision.neuron);
}

std::vector<float> drops_of(NetworkRunner& network, const Decided& decided,
                            const std::vector<ChannelGroup>& groups) {
  return group_drops(network.context, *network.weights, network.executor, decided.question,
                     decided.decision.neuron, groups);
}

std::vector<float> fills_of(const NetworkRunner& network, const AblationQuestion& question,
                            int64_t image) {
  return ablation_fills(network.context, network.executor, question, image);
}

bool are_noise(const NetworkRunner& network, const Decided& decided,
               const std::vector<float>& drops) {
  const AblationQuestion& question = decided.question;
  return within_rounding(
      drops, rounding_of_drops(network.graph(), question.from, question.to, *decided.step));
}

}  // namespace hdecomp
