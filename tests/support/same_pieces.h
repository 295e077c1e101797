/// Whether two devices' features put a decision on the same linear piece of a network: where a
/// ReLU's input or two inputs of a max-pool are equal but for their rounding, devices that round
/// unlike go on with different gradients, and both are right.
#pragma once

#include <algorithm>
#include <map>
#include <utility>

#include "tests/support/device_net.h"

namespace hdecomp::testing_models {

class SamePieces {
 public:
  /// After both nets' forward passes of one image.
  SamePieces(const DeviceNet& a, const DeviceNet& b) : a_(a), b_(b) {}

  /// Whether F_from(neuron) depends on the features of `to` by the same gates and routes in both.
  bool operator()(int from, const Neuron& neuron, int to) {
    const Graph& graph = a_.graph();
    const WindowPlan plan = plan_windows(graph, from, to);
    for (int i = to + 1; i <= from; ++i) {
      if (!plan.between[i]) continue;
      if (i < from && graph.nodes[i].activation != Activation::none &&
          !same_signs(i, plan.windows[i], neuron))
        return false;
      if (graph.nodes[i].op == Op::max_pool && !same_routes(i, plan.windows[i], neuron)) {
        return false;
      }
    }
    return true;
  }

 private:
  using Pair = std::pair<Tensor, Tensor>;

  const Pair& features(int node) {
    const auto found = features_.find(node);
    if (found != features_.end()) return found->second;
    return features_.emplace(node, Pair{a_.feature(node), b_.feature(node)}).first->second;
  }

  /// body(plane, y, x) for the cells of a window inside the map, until it returns false.
  template <class Body>
  static bool all_cells(const Window& window, const Neuron& neuron, int64_t channels, Body body) {
    const int64_t top = window.y.begin(neuron.y), left = window.x.begin(neuron.x);
    for (int64_t c = 0; c < channels; ++c) {
      for (int64_t y = std::max<int64_t>(top, 0); y < std::min(top + window.y.size, window.y.map);
           ++y) {
        for (int64_t x = std::max<int64_t>(left, 0);
             x < std::min(left + window.x.size, window.x.map); ++x) {
          if (!body(c, y, x)) return false;
        }
      }
    }
    return true;
  }

  bool same_signs(int node, const Window& window, const Neuron& neuron) {
    const auto& [a, b] = features(node);
    const FeatureShape& shape = a_.graph().shapes[node];
    return all_cells(window, neuron, shape.channels, [&](int64_t c, int64_t y, int64_t x) {
      const int64_t at = (c * shape.height + y) * shape.width + x;
      const Activation activation = a_.graph().nodes[node].activation;
      return passes(activation, a.data()[at]) == passes(activation, b.data()[at]);
    });
  }

  bool same_routes(int pool, const Window& window, const Neuron& neuron) {
    const Node& node = a_.graph().nodes[pool];
    const auto& [a, b] = features(node.inputs[0]);
    const FeatureShape& in = a_.graph().shapes[node.inputs[0]];
    const auto first_maximum = [&](const Tensor& feature, int64_t c, int64_t y, int64_t x) {
      int64_t best = -1;
      for (int64_t tap = 0; tap < node.y.size * node.x.size; ++tap) {
        const int64_t row = y * node.y.stride - node.y.pad + tap / node.x.size * node.y.dilation;
        const int64_t column = x * node.x.stride - node.x.pad + tap % node.x.size * node.x.dilation;
        if (row < 0 || row >= in.height || column < 0 || column >= in.width) continue;
        const int64_t at = (c * in.height + row) * in.width + column;
        if (best < 0 || feature.data()[at] > feature.data()[best]) best = at;
      }
      return best;
    };
    return all_cells(window, neuron, in.channels, [&](int64_t c, int64_t y, int64_t x) {
      return first_maximum(a, c, y, x) == first_maximum(b, c, y, x);
    });
  }

  const DeviceNet &a_, &b_;
  std::map<int, Pair> features_;
};

}  // namespace hdecomp::testing_models
