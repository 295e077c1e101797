/// A graph whose nodes are drawn by chance, one after another, from inputs that fit.
#pragma once

#include <algorithm>
#include <functional>
#include <vector>

#include "hdecomp/error.h"
#include "nets/op_traits.h"
#include "tests/support/random_weights.h"

namespace hdecomp::testing_models {

class DrawnGraph {
 protected:
  explicit DrawnGraph(uint64_t seed) : random_(seed), builder_("random") {}

  int64_t pick(int64_t below) {
    return static_cast<int64_t>(random_.bits() % static_cast<uint64_t>(below));
  }
  int last() const { return static_cast<int>(shapes_.size()) - 1; }
  /// One of the last few nodes.
  int some_node() { return std::max(0, last() - static_cast<int>(pick(3))); }
  std::string name() const { return joined("n", shapes_.size()); }
  Activation some_activation() {
    if (pick(2) == 0) return Activation::none;
    return pick(3) == 0 ? Activation::relu6 : Activation::relu;
  }

  /// Nodes above the input whose shape `fits`.
  std::vector<int> nodes_that(const std::function<bool(const FeatureShape&)>& fits) const {
    std::vector<int> nodes;
    for (int i = 1; i <= last(); ++i) {
      if (fits(shapes_[i])) nodes.push_back(i);
    }
    return nodes;
  }

  /// Appends a node of any op whose inputs fit.
  int append(Node node, std::vector<int> inputs) {
    std::vector<FeatureShape> shapes;
    for (const int input : inputs) shapes.push_back(shapes_[input]);
    shapes_.push_back(traits(node.op).shape(node, shapes));
    return builder_.node(std::move(node), std::move(inputs), joined("n", shapes_.size() - 1), {});
  }
  static Node of_op(Op op) {
    Node node;
    node.op = op;
    return node;
  }

  op_testing::Random random_;
  GraphBuilder builder_;
  std::vector<FeatureShape> shapes_;  // of the nodes so far
};

}  // namespace hdecomp::testing_models
