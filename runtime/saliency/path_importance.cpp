/// Conductance and influence: what the layers do along the line from 0 to the input. The inputs of
/// the line go through the network as batches, forward and backward once for all layers.
#include <algorithm>

#include "kernels/core/copy.h"
#include "kernels/core/parallel.h"
#include "runtime/saliency/channel_importance.h"

namespace hdecomp {
namespace {

/// A layer's sums so far.
class LayerPath {
 public:
  std::vector<double> conductance, influence, influence_x_activation;

  LayerPath(int64_t channels, int64_t area)
      : conductance(channels),
        influence(channels),
        influence_x_activation(channels),
        area_(area),
        mean_(channels * area) {}

  /// The next input's output and gradient of the layer, with the trapezium rule's weight of it.
  void add(const Context& context, const float* y, const float* g, double weight) {
    const bool is_first = last_y_.empty();
    last_y_.resize(mean_.size()), last_g_.resize(mean_.size());
    parallel_for(context, std::ssize(conductance), [&](int64_t channel) {
      double sum = conductance[channel];
      for (size_t i = channel * area_; i < (channel + 1) * area_; ++i) {
        mean_[i] += weight * double{g[i]};
        const double step =
            0.5 * (double{g[i]} + double{last_g_[i]}) * (double{y[i]} - double{last_y_[i]});
        if (!is_first) sum += step;
        last_y_[i] = y[i], last_g_[i] = g[i];
      }
      conductance[channel] = sum;
    });
  }

  void finish() {
    for (size_t i = 0; i < mean_.size(); ++i) {
      influence[i / area_] += mean_[i];
      influence_x_activation[i / area_] += mean_[i] * double{last_y_[i]};
    }
  }

 private:
  size_t area_;
  std::vector<double> mean_;            // of g
  std::vector<float> last_y_, last_g_;  // of the input before; at the end of x
};

class Path {
 public:
  Path(SaliencyNet& net, const std::vector<int>& layers, const Tensor& input, int64_t class_index,
       int64_t steps)
      : net_(net), layers_(layers), input_(input), class_(class_index), steps_(steps) {
    for (const int layer : layers) {
      const FeatureShape& shape = net.graph().shapes.at(layer);
      paths_.emplace_back(shape.channels, shape.height * shape.width);
    }
  }

  PathImportance walk() {
    for (int64_t first = 0; first <= steps_; first += net_.executor.batch()) {
      run(first, std::min(net_.executor.batch(), steps_ + 1 - first));
    }
    PathImportance result;
    for (LayerPath& path : paths_) {
      path.finish();
      double sum = 0;
      for (const double value : path.conductance) sum += value;
      result.completeness.push_back({sum, last_score_ - first_score_});
      result.conductance.push_back(std::move(path.conductance));
      result.influence.push_back(std::move(path.influence));
      result.influence_x_activation.push_back(std::move(path.influence_x_activation));
    }
    return result;
  }

 private:
  void run(int64_t first, int64_t count) {
    const Shape& one = input_.shape();
    Tensor inputs({}, {count, one[1], one[2], one[3]});
    std::vector<Neuron> scores;
    std::vector<Seed> seeds;
    for (int64_t k = 0; k < count; ++k) {
      const auto step = static_cast<double>(first + k);  // an exact product, one division
      float* to = inputs.data() + k * input_.elements();
      for (int64_t i = 0; i < input_.elements(); ++i) {
        to[i] = static_cast<float>(step * input_.data()[i] / static_cast<double>(steps_));
      }
      scores.push_back({class_, 0, 0, k});
      seeds.push_back({scores.back(), 1});
    }
    run_inputs(net_, inputs);
    const std::vector<float> values = net_.executor.values(net_.graph().scores(), scores);
    if (first == 0) first_score_ = values.front();
    last_score_ = values.back();
    BackwardRule rule(net_.context, net_.executor);
    BackwardPass(net_.context, net_.executor)
        .run(net_.graph().scores(), seeds, *std::ranges::min_element(layers_), {0, count}, rule,
             {layers_,
              [&](int node, const Tensor& gradient) { take(node, first, count, gradient); }});
  }

  void take(int node, int64_t first, int64_t count, const Tensor& gradient) {
    const auto at = std::ranges::find(layers_, node) - layers_.begin();
    const Tensor g = on_host(net_.context, gradient);
    const Tensor there = rows(net_.executor.feature(node), 0, count);
    const Tensor y = on_host(net_.context, there);
    net_.context.finish();
    const int64_t size = g.elements() / count;
    for (int64_t k = 0; k < count; ++k) {
      const bool is_end = first + k == 0 || first + k == steps_;
      paths_[at].add(net_.context, y.data() + k * size, g.data() + k * size,
                     (is_end ? 0.5 : 1.0) / static_cast<double>(steps_));
    }
  }

  SaliencyNet& net_;
  const std::vector<int>& layers_;
  const Tensor& input_;
  int64_t class_, steps_;
  std::vector<LayerPath> paths_;
  double first_score_ = 0, last_score_ = 0;
};

}  // namespace

PathImportance path_importance(SaliencyNet& net, const std::vector<int>& layers,
                               const Tensor& input, int64_t class_index, int64_t steps) {
  return Path(net, layers, input, class_index, steps).walk();
}

}  // namespace hdecomp
