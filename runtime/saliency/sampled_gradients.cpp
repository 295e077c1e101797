/// Samples in batches: forward, backward, summed on the host. A first convolution is linear and the
/// same for every sample: its way back is taken once, of the mean.
#include "runtime/saliency/sampled_gradients.h"

#include <algorithm>

#include "hdecomp/stopped.h"
#include "kernels/core/parallel.h"
#include "kernels/core/pieces.h"

namespace hdecomp {
namespace {

/// The convolution that alone reads the pixels, on the CPU; else the pixels themselves. There the
/// samples' gradients are summed.
int summed_at(const SaliencyNet& net) {
  const Graph& graph = net.graph();
  int reader = pixels_node;
  for (int node = pixels_node + 1; node <= graph.scores(); ++node) {
    const std::vector<int>& inputs = graph.nodes[node].inputs;
    if (std::ranges::find(inputs, pixels_node) == inputs.end()) continue;
    if (reader != pixels_node) return pixels_node;
    reader = node;
  }
  const bool linear = graph.nodes[reader].op == Op::conv && is_below(graph, reader, graph.scores());
  return linear && net.context.device().kind == DeviceKind::cpu ? reader : pixels_node;
}

/// Adds gradients (n, ...), image after image.
void add_rows(const Context& context, const Tensor& gradients, std::vector<double>& sums) {
  constexpr int64_t piece = 4096;
  const int64_t size = std::ssize(sums), images = gradients.shape()[0];
  parallel_runs(context, pieces(size, piece), [&](int64_t task) {
    const int64_t begin = task * piece, end = std::min(begin + piece, size);
    for (int64_t i = 0; i < images; ++i) {
      const float* own = gradients.data() + i * size;
      for (int64_t k = begin; k < end; ++k) sums[k] += own[k];
    }
  });
}

}  // namespace

std::vector<double> mean_gradient(SaliencyNet& net, Classes classes, int64_t image,
                                  const SaliencyOptions& options, const WriteSample& write) {
  const int64_t samples = options.samples;
  const FeatureShape& shape = net.graph().shapes[pixels_node];
  const auto size = static_cast<size_t>(shape.elements());
  const int node = summed_at(net), scores = net.graph().scores();
  BackwardRule rule(net.context, net.executor);
  BackwardPass pass(net.context, net.executor);
  std::vector<double> mean(net.graph().shapes[node].elements());
  for (int64_t first = 0; first < samples; first += net.executor.batch()) {
    end_if_stopped(options.stop);
    const int64_t count = std::min(net.executor.batch(), samples - first);
    Tensor inputs({}, {count, shape.channels, shape.height, shape.width});
    parallel_tasks(net.context, count, net.context.threads(),
                   [&](int64_t i) { write(first + i, inputs.span().subspan(i * size, size)); });
    run_inputs(net, inputs);
    const std::vector<int64_t> alike(count, classes[image]);
    const auto add = [&](const Tensor& gradients) { add_rows(net.context, gradients, mean); };
    if (node == pixels_node) {
      add(scores_to_pixels(net, alike, rule));
    } else {
      pass.run_to_sums(scores, score_seeds(alike), node, {0, count}, rule, add);
    }
    if (options.after_samples) {
      options.after_samples(image * samples + first + count, std::ssize(classes) * samples);
    }
  }
  for (double& value : mean) value /= static_cast<double>(samples);
  if (node == pixels_node) return mean;
  const FeatureShape& at = net.graph().shapes[node];
  Tensor below({}, {1, at.channels, at.height, at.width});
  std::ranges::transform(mean, below.data(),
                         [](double value) { return static_cast<float>(value); });
  const Tensor pixels = pass.run_from_sums(node, std::move(below), pixels_node, rule);
  return {pixels.span().begin(), pixels.span().end()};
}

}  // namespace hdecomp
