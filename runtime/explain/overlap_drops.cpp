/// Groups by their masks, then one ablation for each.
#include "runtime/explain/overlap_drops.h"

namespace hdecomp {

std::vector<GroupDrop> overlap_drops(NetworkRunner& network, const AblationQuestion& question,
                                     const Neuron& decision, const GapStep& step,
                                     const OverlapOptions& overlaps, std::span<const float> drops) {
  std::vector<ChannelGroup> shared = shared_masks(step, overlaps);
  const std::vector<float> together =
      group_drops(network.context, *network.weights, network.executor, question, decision, shared);
  std::vector<GroupDrop> groups;
  for (size_t g = 0; g < shared.size(); ++g) {
    GroupDrop& group = groups.emplace_back(GroupDrop{std::move(shared[g]), together[g], 0});
    for (const int32_t k : group.channels) group.members_drop += drops[k];
  }
  return groups;
}

}  // namespace hdecomp
