/// gAP through the executor's gradient and the fused reduction.
#include "runtime/gap.h"

#include <algorithm>
#include <numeric>

#include "kernels/topk.h"
#include "nets/layer_names.h"

namespace hdecomp {
namespace {

std::vector<int32_t> choose(const Context& context, const Tensor& alpha, int top) {
  IndexTensor channels(context.device(), {1, std::min<int64_t>(top, alpha.shape()[1])});
  topk(context, alpha, channels);
  std::vector<int32_t> chosen(channels.span().begin(), channels.span().end());
  std::erase(chosen, -1);
  return chosen;
}

/// How much of the decision, and of its positive support, the chosen channels are.
void measure_coverage(Decomposition& d) {
  const double area = static_cast<double>(d.height * d.width);  // Z
  double all = 0, chosen = 0;
  for (const float alpha : d.contribution) {
    all += alpha;
    d.positive += std::max(alpha, 0.0f);
  }
  for (const int32_t channel : d.chosen) chosen += d.contribution[channel];
  d.total = all * area;
  d.chosen_of_positive = d.positive > 0 ? chosen / d.positive : 0;
  d.chosen_of_value = chosen * area / d.value;
}

/// Eq. 3 for one channel: A = G * F.
std::vector<float> activation_map(const Tensor& gradient, const Tensor& feature, int64_t channel) {
  const int64_t area = feature.shape()[2] * feature.shape()[3];
  const float* g = gradient.data() + channel * area;
  const float* f = feature.data() + channel * area;
  std::vector<float> map(area);
  std::transform(g, g + area, f, map.begin(), std::multiplies<>());
  return map;
}

template <class T>
std::vector<T> list(const TensorOf<T>& tensor) {
  return {tensor.span().begin(), tensor.span().end()};
}

}  // namespace

GapStep gap_step(const Context& context, Executor& executor, const Graph& graph, int from,
                 const Neuron& neuron, int to, int top, bool keep_maps) {
  const Tensor& gradient = executor.gradient(from, neuron, to);  // Eq. 2
  const Tensor& feature = executor.feature(to);
  GapResult reduced(context.device(), 1, feature.shape()[1]);
  gap_reduce(context, gradient, feature, reduced);  // Eq. 3, 4, 5

  GapStep step;
  Decomposition& d = step.decomposition;
  d.layer = layer_label(graph, to);
  d.height = feature.shape()[2];
  d.width = feature.shape()[3];
  d.contribution = list(reduced.alpha);
  d.peak = list(reduced.peak);
  d.position = list(reduced.position);
  d.mean_gradient = list(reduced.mean_gradient);
  d.max_gradient = list(reduced.max_gradient);
  d.chosen = choose(context, reduced.alpha, top);
  d.value = executor.value(from, neuron);
  measure_coverage(d);
  if (keep_maps) {
    for (const int32_t channel : d.chosen) {
      step.maps.push_back(activation_map(gradient, feature, channel));
    }
  }
  return step;
}

std::vector<TreeNode> evidence(const GapStep& step, const Executor& executor, int to) {
  const Decomposition& d = step.decomposition;
  std::vector<TreeNode> nodes;
  for (size_t i = 0; i < d.chosen.size(); ++i) {
    const int32_t channel = d.chosen[i];
    TreeNode node;
    node.layer = d.layer;
    node.channel = channel;
    node.y = d.position[channel] / d.width;
    node.x = d.position[channel] % d.width;
    node.contribution = d.contribution[channel];
    node.share = node.contribution / d.positive;
    node.peak = d.peak[channel];
    node.value = executor.value(to, {channel, node.y, node.x});
    if (!step.maps.empty()) {
      node.map = std::make_shared<const std::vector<float>>(step.maps[i]);
    }
    nodes.push_back(std::move(node));
  }
  return nodes;
}

}  // namespace hdecomp
