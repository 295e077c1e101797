/// gAP through the windows' gradients and the fused reduction, a level at a time.
#include "runtime/gap.h"

#include <algorithm>

#include "kernels/gap_reduce.h"
#include "kernels/topk.h"
#include "nets/layer_names.h"
#include "runtime/level_batches.h"

namespace hdecomp {
namespace {

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

/// Eq. 3 for one channel and decision over the whole map: A = G * F, zero outside the window.
std::vector<float> activation_map(const WindowBatch& gradient, const Tensor& feature,
                                  int64_t channel, int64_t decision) {
  const WindowAxis &wy = gradient.window.y, &wx = gradient.window.x;
  const Place& place = gradient.places[decision];
  const int64_t top = wy.begin(place.y), left = wx.begin(place.x);
  const float* g = gradient.plane(channel, decision);
  const float* f = feature.data() + channel * wy.map * wx.map;
  std::vector<float> map(wy.map * wx.map, 0.0f);
  for (int64_t y = std::max<int64_t>(top, 0); y < std::min(top + wy.size, wy.map); ++y) {
    for (int64_t x = std::max<int64_t>(left, 0); x < std::min(left + wx.size, wx.map); ++x) {
      map[y * wx.map + x] = g[(y - top) * wx.size + x - left] * f[y * wx.map + x];
    }
  }
  return map;
}

/// Row `decision` of a (D, C) result.
template <class T>
std::vector<T> row(const TensorOf<T>& tensor, int64_t decision) {
  const int64_t columns = tensor.shape()[1];
  const T* begin = tensor.data() + decision * columns;
  return {begin, begin + columns};
}

Decomposition decomposition_of(const GapResult& reduced, const IndexTensor& chosen, int64_t d,
                               const Window& window) {
  Decomposition result;
  result.height = window.y.map;
  result.width = window.x.map;
  result.contribution = row(reduced.alpha, d);
  result.peak = row(reduced.peak, d);
  result.position = row(reduced.position, d);
  result.mean_gradient = row(reduced.mean_gradient, d);
  result.max_gradient = row(reduced.max_gradient, d);
  result.chosen = row(chosen, d);
  std::erase(result.chosen, -1);
  return result;
}

void step_batch(WindowExecutor& windows, const GapPlan& plan, const std::vector<Neuron>& neurons,
                std::vector<GapStep>& steps) {
  const Context& context = windows.context();
  const Tensor& feature = windows.executor().feature(plan.to);
  const auto count = static_cast<int64_t>(neurons.size());
  const WindowBatch gradient = windows.gradients(plan.from, neurons, plan.to);  // Eq. 2
  GapResult reduced(context.device(), count, gradient.channels);
  gap_reduce(context, gradient, feature, reduced);  // Eq. 3, 4, 5
  IndexTensor chosen(context.device(), {count, std::min<int64_t>(plan.top, gradient.channels)});
  topk(context, reduced.alpha, chosen);
  for (int64_t d = 0; d < count; ++d) {
    GapStep& step = steps.emplace_back();
    step.decomposition = decomposition_of(reduced, chosen, d, gradient.window);
    step.decomposition.layer = layer_label(windows.graph(), plan.to);
    step.decomposition.value = windows.executor().value(plan.from, neurons[d]);
    measure_coverage(step.decomposition);
    if (!plan.keep_maps) continue;
    for (const int32_t channel : step.decomposition.chosen) {
      step.maps.push_back(activation_map(gradient, feature, channel, d));
    }
  }
}

}  // namespace

std::vector<GapStep> gap_steps(WindowExecutor& windows, const GapPlan& plan,
                               const std::vector<Neuron>& neurons) {
  std::vector<GapStep> steps;
  for_each_batch(windows, {plan.from, plan.to}, neurons, [&](const std::vector<Neuron>& batch) {
    step_batch(windows, plan, batch, steps);
  });
  return steps;
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
