/// Random networks over all ops of the table: small, seeded, of any shape that the ops allow.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "hdecomp/error.h"
#include "nets/op_traits.h"
#include "tests/support/random_weights.h"

namespace hdecomp::testing_models {

class RandomGraph {
 public:
  explicit RandomGraph(uint64_t seed) : random_(seed), builder_("random") {
    const int64_t size = 12 + pick(24);
    shapes_.push_back({3, size, size});
    const auto count = 6 + pick(10);
    for (int64_t i = 0; i < count; ++i) add_node();
    add_head();
  }

  /// The network. None if the ops left less than two nodes.
  std::optional<ModelData> model() {
    if (last() < 2) return std::nullopt;
    return with_random_weights(builder_.take(), shapes_[0], random_.bits() % (1 << 20));
  }

  /// The ops that the generator knows: to be all of the table but the input.
  static std::vector<Op> known() {
    std::vector<Op> ops;
    for (const auto& [op, unused] : steps()) ops.push_back(op);
    return ops;
  }

 private:
  /// Appends one node of an op, if it finds inputs that fit.
  using Step = void (RandomGraph::*)();
  static const std::map<Op, Step>& steps() {
    static const std::map<Op, Step> all{{Op::conv, &RandomGraph::add_conv},
                                        {Op::linear, &RandomGraph::add_linear},
                                        {Op::max_pool, &RandomGraph::add_max_pool},
                                        {Op::adaptive_avg_pool, &RandomGraph::add_adaptive},
                                        {Op::add, &RandomGraph::add_sum},
                                        {Op::concat, &RandomGraph::add_concat}};
    return all;
  }

  int64_t pick(int64_t below) {
    return static_cast<int64_t>(random_.bits() % static_cast<uint64_t>(below));
  }
  int last() const { return static_cast<int>(shapes_.size()) - 1; }
  /// One of the last few nodes.
  int some_node() { return std::max(0, last() - static_cast<int>(pick(3))); }
  std::string name() const { return joined("n", shapes_.size()); }
  Activation some_activation() { return pick(2) == 0 ? Activation::none : Activation::relu; }

  /// Nodes above the input whose shape `fits`.
  std::vector<int> nodes_that(const std::function<bool(const FeatureShape&)>& fits) const {
    std::vector<int> nodes;
    for (int i = 1; i <= last(); ++i) {
      if (fits(shapes_[i])) nodes.push_back(i);
    }
    return nodes;
  }

  /// Convolutions and pools alone for half of the nodes; heads come last.
  void add_node() {
    static constexpr Op body[] = {Op::conv,     Op::conv, Op::conv,   Op::conv,
                                  Op::max_pool, Op::add,  Op::concat, Op::concat};
    (this->*steps().at(body[pick(std::size(body))]))();
  }
  void add_head() {
    if (pick(2) == 0) add_adaptive();
    if (pick(2) == 0) add_linear();
    if (pick(2) == 0) add_linear();
  }

  void add_conv() {
    const int from = some_node();
    const FeatureShape in = shapes_[from];
    Kernel kernel{1 + pick(5), 1 + pick(3), pick(4)};
    if (pick(2) == 0) kernel = {3, 1, 1};
    if (in.height + 2 * kernel.pad < kernel.size) return;
    const int64_t groups = in.channels % 2 == 0 && pick(3) == 0 ? 2 : 1;
    const int64_t channels = groups * (1 + pick(4));
    builder_.conv(from, name(), channels, kernel, some_activation(), {}, groups);
    const int64_t size = steps_of_kernel(in.height, kernel.size, kernel.stride, kernel.pad);
    shapes_.push_back({channels, size, size});
  }

  void add_linear() {
    const int64_t units = 5 + pick(4);
    builder_.linear(last(), name(), units, some_activation(), {});
    shapes_.push_back({units, 1, 1});
  }

  void add_max_pool() {
    const int from = some_node();
    const FeatureShape in = shapes_[from];
    const int64_t size = 2 + pick(3);
    const Kernel kernel{size, 1 + pick(3), pick(size / 2 + 1)};
    if (in.height + 2 * kernel.pad < kernel.size) return;
    const Rounding rounding = pick(2) == 0 ? Rounding::down : Rounding::up;
    builder_.max_pool(from, name(), kernel, {}, rounding);
    const int64_t out =
        steps_of_kernel(in.height, kernel.size, kernel.stride, kernel.pad, rounding);
    shapes_.push_back({in.channels, out, out});
  }

  void add_adaptive() {
    const int64_t size = 1 + pick(3);
    const int from = last();
    builder_.adaptive_avg_pool(from, name(), size, {});
    shapes_.push_back({shapes_[from].channels, size, size});
  }

  void add_sum() {
    const int first = some_node();
    const FeatureShape shape = shapes_[first];
    const std::vector<int> others = nodes_that([&](const FeatureShape& s) { return s == shape; });
    if (first == 0 || others.empty()) return;
    builder_.add(first, others[pick(std::ssize(others))], name(), some_activation(), {});
    shapes_.push_back(shape);
  }

  /// Of one to three maps of a size, a map twice now and then.
  void add_concat() {
    const FeatureShape shape = shapes_[some_node()];
    const std::vector<int> fitting = nodes_that(
        [&](const FeatureShape& s) { return s.height == shape.height && s.width == shape.width; });
    if (fitting.empty()) return;
    std::vector<int> inputs;
    FeatureShape all{0, shape.height, shape.width};
    for (int64_t i = 1 + pick(3); i > 0; --i) {
      inputs.push_back(fitting[pick(std::ssize(fitting))]);
      all.channels += shapes_[inputs.back()].channels;
    }
    if (all.channels > 24) return;  // stays small
    builder_.concat(inputs, name(), {});
    shapes_.push_back(all);
  }

  op_testing::Random random_;
  GraphBuilder builder_;
  std::vector<FeatureShape> shapes_;  // of the nodes so far
};

}  // namespace hdecomp::testing_models
