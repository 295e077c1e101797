/// Receptive fields: the arithmetic of windows on maps without an end, cut to the input.
#include "runtime/network/receptive_fields.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "nets/op_traits.h"

namespace hdecomp {
namespace {

/// A map on which no window is as large as it. One of a single place stays one.
FeatureShape endless(FeatureShape shape) {
  constexpr int64_t far = int64_t{1} << 40;
  if (shape.height == 1 && shape.width == 1) return shape;
  shape.height = shape.width = far;
  return shape;
}

}  // namespace

ReceptiveFields::ReceptiveFields(const Graph& graph, int node) {
  const std::vector<bool> between = nodes_down_to(graph, node, 0);
  std::vector<Window> windows(graph.nodes.size());
  std::vector<bool> reached(graph.nodes.size(), false);
  const FeatureShape own = endless(graph.shapes[node]);
  windows[node] = window_at_decision(own.height, own.width);
  for (int i = node; i > 0; --i) {
    if (!between[i]) continue;
    for (const int input : graph.nodes[i].inputs) {
      if (!between[input]) continue;
      const Window below = window_below(graph.nodes[i], windows[i], endless(graph.shapes[input]));
      windows[input] = reached[input] ? united(windows[input], below) : below;
      reached[input] = true;
    }
  }
  const FeatureShape& input = graph.shapes[0];
  window_ = windows[0].whole() ? whole_window(input.height, input.width) : windows[0];
  window_.y.map = input.height;
  window_.x.map = input.width;
}

PixelRectangle ReceptiveFields::at(int64_t y, int64_t x) const {
  const auto inside = [](const WindowAxis& axis, int64_t position) {
    const int64_t begin = std::max<int64_t>(axis.begin(position), 0);
    const int64_t end = std::min(axis.begin(position) + axis.size, axis.map);
    return std::pair(begin, std::max<int64_t>(end - begin, 0));
  };
  const auto [top, height] = inside(window_.y, y);
  const auto [left, width] = inside(window_.x, x);
  return {top, left, height, width};
}

}  // namespace hdecomp
