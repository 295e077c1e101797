/// Random nodes that move channels or cells, or depend on their place.
#pragma once

#include "tests/support/drawn_graph.h"

namespace hdecomp::testing_models {

class RandomPlaceNodes : protected DrawnGraph {
 protected:
  using DrawnGraph::DrawnGraph;

  void add_slice() {
    const int from = some_node();
    Node node = of_op(Op::slice);
    node.first_channel = pick(shapes_[from].channels);
    node.out_channels = 1 + pick(shapes_[from].channels - node.first_channel);
    append(node, {from});
  }

  /// Or crops.
  void add_pad() {
    const int from = some_node();
    const FeatureShape in = shapes_[from];
    Node node = of_op(Op::pad);
    node.first_channel = pick(3) - 1;
    node.out_channels = std::max<int64_t>(1, in.channels + pick(3) - 1);
    node.y.pad = pick(4) - 1, node.y.pad_end = pick(4) - 1;
    node.x.pad = pick(4) - 1, node.x.pad_end = pick(4) - 1;
    if (std::min(in.height, in.width) > 2) append(node, {from});
  }

  void add_shuffle() {
    const int from = some_node();
    Node node = of_op(Op::channel_shuffle);
    node.groups = 2 + pick(2);
    if (shapes_[from].channels % node.groups == 0) append(node, {from});
  }

  /// Backwards, round the map, or each cell several times.
  void add_gather() {
    const int from = some_node();
    const FeatureShape in = shapes_[from];
    const auto axis = [&](int64_t size) {
      KernelAxis some;
      some.dilation = pick(3) == 0 && size < 12 ? 1 + pick(3) : 1;
      some.size = std::max<int64_t>(1, size * some.dilation + pick(5) - 2);
      some.stride = pick(2) == 0 ? 1 : -1;
      some.pad = pick(2 * size) - size;
      return some;
    };
    Node node = of_op(Op::gather);
    node.y = axis(in.height), node.x = axis(in.width);
    append(node, {from});
  }

  /// space_to_depth or depth_to_space, with the block that fits.
  void add_blocks() {
    const int from = some_node();
    const FeatureShape in = shapes_[from];
    const auto block = [](int64_t size) {
      KernelAxis axis;
      axis.size = axis.stride = size;
      return axis;
    };
    const auto some = [&](int64_t size) { return block(size % 2 == 0 && size > 4 ? 2 : 1); };
    Node deep = of_op(Op::space_to_depth), flat = of_op(Op::depth_to_space);
    deep.y = some(in.height), deep.x = pick(2) == 0 ? block(1) : some(in.width);
    if (in.channels <= 6 && pick(2) == 0) append(deep, {from});
    flat.y = some(in.channels * 4), flat.x = in.channels % 4 == 0 ? block(2) : block(1);
    const bool fits = in.channels % (flat.y.size * flat.x.size) == 0;
    if (fits && in.height * in.width < 400) append(flat, {from});
  }

  void add_affine_map() {
    Node node = of_op(Op::affine_map);
    node.activation = some_activation();
    append(node, {some_node()});
  }
};

}  // namespace hdecomp::testing_models
