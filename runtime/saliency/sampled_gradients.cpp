/// Samples in batches: forward, backward, summed on the host, one network after the other. A first
/// convolution is linear and the same for every sample: its way back is taken once, of the mean,
/// where its map is small.
#include "runtime/saliency/sampled_gradients.h"

#include <algorithm>

#include "hdecomp/stopped.h"
#include "kernels/core/parallel.h"
#include "kernels/loops/pieces.h"

namespace hdecomp {
namespace {

/// Where the samples' gradients are summed: at the convolution that alone reads the pixels, on the
/// CPU, else at the pixels themselves. A sum in doubles of each of a large map's cells would take
/// longer than the way back: VGG's has 21 times as many as there are pixels, a ResNet's 5.
int summed_at(const SaliencyNet& net) {
  const Graph& graph = net.graph();
  int reader = pixels_node;
  for (int node = pixels_node + 1; node <= graph.scores(); ++node) {
    const std::vector<int>& inputs = graph.nodes[node].inputs;
    if (std::ranges::find(inputs, pixels_node) == inputs.end()) continue;
    if (reader != pixels_node) return pixels_node;
    reader = node;
  }
  constexpr int64_t most_for_each = 8;
  const auto elements = [&](int node) { return graph.shapes[node].elements(); };
  const bool linear = graph.nodes[reader].op == Op::conv && is_below(graph, reader, graph.scores());
  const bool small = elements(reader) <= most_for_each * elements(pixels_node);
  return linear && small && net.context.device().kind == DeviceKind::cpu ? reader : pixels_node;
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

/// The sum of a turn's gradients so far.
class GradientSum {
 public:
  /// `node`: of summed_at().
  GradientSum(const SaliencyTurn& turn, int node)
      : net_(turn.net),
        node_(node),
        rule_(net_.context, net_.executor),
        pass_(net_.context, net_.executor),
        sums_(net_.graph().shapes[node].elements()) {}

  /// Of the inputs of the last run.
  void add(const std::vector<int64_t>& classes) {
    const auto add = [&](const Tensor& gradients) { add_rows(net_.context, gradients, sums_); };
    if (node_ == pixels_node) return add(scores_to_pixels(net_, classes, rule_));
    pass_.run_to_sums(net_.graph().scores(), score_seeds(classes), node_, {0, std::ssize(classes)},
                      rule_, add);
  }

  std::vector<double> mean(int64_t samples) {
    for (double& value : sums_) value /= static_cast<double>(samples);
    if (node_ == pixels_node) return std::move(sums_);
    const FeatureShape& at = net_.graph().shapes[node_];
    Tensor below({}, {1, at.channels, at.height, at.width});
    std::ranges::transform(sums_, below.data(),
                           [](double value) { return static_cast<float>(value); });
    const Tensor pixels = pass_.run_from_sums(node_, std::move(below), pixels_node, rule_);
    return {pixels.span().begin(), pixels.span().end()};
  }

 private:
  SaliencyNet net_;
  int node_;
  BackwardRule rule_;
  BackwardPass pass_;
  std::vector<double> sums_;
};

}  // namespace

int64_t gradient_sum_bytes(const SaliencyNet& net) {
  return net.graph().shapes[summed_at(net)].elements() * static_cast<int64_t>(sizeof(double));
}

std::vector<std::vector<double>> mean_gradients(Turns turns, int64_t image,
                                                const SaliencyOptions& options,
                                                const WriteSample& write) {
  const SaliencyNet& net = turns.front().net;
  const int64_t samples = options.samples;
  const FeatureShape& shape = net.graph().shapes[pixels_node];
  const auto size = static_cast<size_t>(shape.elements());
  std::vector<GradientSum> sums;
  for (const SaliencyTurn& turn : turns) sums.emplace_back(turn, summed_at(turn.net));
  for (int64_t first = 0; first < samples; first += net.executor.batch()) {
    end_if_stopped(options.stop);
    const int64_t count = std::min(net.executor.batch(), samples - first);
    Tensor inputs({}, {count, shape.channels, shape.height, shape.width});
    parallel_tasks(net.context, count, net.context.threads(),
                   [&](int64_t i) { write(first + i, inputs.span().subspan(i * size, size)); });
    in_turn(turns, inputs,
            [&](size_t t) { sums[t].add(std::vector<int64_t>(count, turns[t].classes[image])); });
    if (options.after_samples) {
      const int64_t images = std::ssize(turns.front().classes);
      options.after_samples(image * samples + first + count, images * samples);
    }
  }
  std::vector<std::vector<double>> means;
  for (GradientSum& sum : sums) means.push_back(sum.mean(samples));
  return means;
}

}  // namespace hdecomp
