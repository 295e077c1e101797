/// Channels' importance from trees, gradients and relevance.
#include "runtime/saliency/channel_importance.h"

#include <algorithm>

#include "kernels/core/copy.h"
#include "runtime/saliency/tree_paths.h"

namespace hdecomp {
namespace {

ChannelScores zeros(const Graph& graph, const std::vector<int>& layers) {
  ChannelScores scores;
  for (const int layer : layers) scores.emplace_back(graph.shapes.at(layer).channels);
  return scores;
}

/// Of each layer what a backward pass from an image's class score brings there, on the host.
std::vector<Tensor> brought(SaliencyNet& net, const std::vector<int>& layers, const Seed& seed,
                            int64_t image, BackwardRule& rule) {
  std::vector<Tensor> found(layers.size());
  const int lowest = *std::ranges::min_element(layers);
  BackwardPass(net.context, net.executor)
      .run(net.graph().scores(), {seed}, lowest, {image, 1}, rule,
           {layers, [&](int node, const Tensor& gradient) {
              const auto at = std::ranges::find(layers, node) - layers.begin();
              found[at] = Tensor({}, gradient.shape());
              copy(net.context, gradient, found[at]);
            }});
  net.context.finish();
  return found;
}

}  // namespace

ChannelScores tree_importance(const Graph& graph, const std::vector<int>& layers,
                              const TreeNode& root) {
  ChannelScores scores = zeros(graph, layers);
  walk_paths(root, layers.size(), 1.0, [&](size_t level, const TreeNode& child, double above) {
    const double own = above * child.share;
    scores[level].at(child.channel) += own;
    return own;
  });
  return scores;
}

ChannelScores direct_importance(SaliencyNet& net, const std::vector<int>& layers, int64_t image,
                                int64_t class_index) {
  BackwardRule rule(net.context, net.executor);
  const std::vector<Tensor> gradients =
      brought(net, layers, {{class_index, 0, 0, 0}, 1}, image, rule);
  ChannelScores scores = zeros(net.graph(), layers);
  for (size_t l = 0; l < layers.size(); ++l) {
    const Tensor there = rows(net.executor.feature(layers[l]), image, image + 1);
    const Tensor feature = on_host(net.context, there);
    net.context.finish();
    const int64_t area = feature.elements() / std::ssize(scores[l]);
    for (int64_t i = 0; i < feature.elements(); ++i) {
      scores[l][i / area] += double{gradients[l].data()[i]} * double{feature.data()[i]};
    }
  }
  return scores;
}

ChannelScores relevance_importance(SaliencyNet& net, const std::vector<int>& layers, int64_t image,
                                   int64_t class_index, BackwardRule& rule) {
  const float score = net.executor.value(net.graph().scores(), {class_index, 0, 0, image});
  const std::vector<Tensor> relevance =
      brought(net, layers, {{class_index, 0, 0, 0}, score}, image, rule);
  ChannelScores scores = zeros(net.graph(), layers);
  for (size_t l = 0; l < layers.size(); ++l) {
    const int64_t area = relevance[l].elements() / std::ssize(scores[l]);
    for (int64_t i = 0; i < relevance[l].elements(); ++i) {
      scores[l][i / area] += relevance[l].data()[i];
    }
  }
  return scores;
}

}  // namespace hdecomp
