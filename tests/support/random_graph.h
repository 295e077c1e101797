/// Random networks over all ops of the table: small, seeded, of any shape that the ops allow.
#pragma once

#include <algorithm>
#include <optional>
#include <span>
#include <vector>

#include "tests/support/random_place_nodes.h"
#include "tests/support/random_weights.h"

namespace hdecomp::testing_models {

class RandomGraph : private RandomPlaceNodes {
 public:
  explicit RandomGraph(uint64_t seed) : RandomPlaceNodes(seed) {
    const int64_t height = 12 + pick(24), width = 12 + pick(24);
    shapes_.push_back({3, height, width});
    const auto count = 6 + pick(10);
    for (int64_t i = 0; i < count; ++i) add_node();
    add_head();
  }

  /// The network. None if the ops left less than two nodes.
  std::optional<ModelData> model() {
    if (last() < 2) return std::nullopt;
    return with_random_weights(builder_.take(), shapes_[0], random_.bits() % (1 << 20));
  }

 private:
  /// Appends one node of an op, if it finds inputs that fit.
  using Step = void (RandomGraph::*)();
  /// A step with how many tickets it has among the body's steps, and among the others.
  struct Drawn {
    Step step;
    int body, others;
  };
  static std::span<const Drawn> drawn() {
    static constexpr Drawn all[] = {
        {&RandomGraph::add_conv, 4, 0},        {&RandomGraph::add_max_pool, 1, 0},
        {&RandomGraph::add_avg_pool, 0, 1},    {&RandomGraph::add_sum, 1, 1},
        {&RandomGraph::add_difference, 0, 1},  {&RandomGraph::add_product, 0, 1},
        {&RandomGraph::add_quotient, 0, 1},    {&RandomGraph::add_concat, 2, 0},
        {&RandomGraph::add_function, 0, 4},    {&RandomGraph::add_affine, 0, 1},
        {&RandomGraph::add_slice, 0, 1},       {&RandomGraph::add_pad, 0, 1},
        {&RandomGraph::add_shuffle, 0, 1},     {&RandomGraph::add_lrn, 0, 1},
        {&RandomGraph::add_layer_norm, 0, 1},  {&RandomGraph::add_prelu, 0, 1},
        {&RandomGraph::add_channel_max, 0, 1}, {&RandomGraph::add_maximum, 0, 1},
        {&RandomGraph::add_gather, 0, 1},      {&RandomGraph::add_blocks, 0, 1},
        {&RandomGraph::add_affine_map, 0, 1}};
    return all;
  }

  /// The steps of all tickets, the body's or the others'.
  static std::vector<Step> tickets(int Drawn::*count) {
    std::vector<Step> steps;
    for (const Drawn& each : drawn()) steps.insert(steps.end(), each.*count, each.step);
    return steps;
  }
  /// Convolutions and pools alone for half of the nodes; heads come last.
  void add_node() {
    static const std::vector<Step> body = tickets(&Drawn::body), others = tickets(&Drawn::others);
    const std::vector<Step>& from = pick(3) == 0 ? others : body;
    (this->*from[pick(std::ssize(from))])();
  }
  void add_head() {
    if (pick(2) == 0) add_adaptive();
    if (pick(2) == 0) add_linear();
    if (pick(2) == 0) add_linear();
  }

  /// Of unequal axes, with gaps and padding unequal on all sides, in groups down to one channel.
  void add_uneven_conv() {
    const int from = some_node();
    const FeatureShape in = shapes_[from];
    Node node = of_op(Op::conv);
    node.y = {1 + pick(4), 1 + pick(3), pick(3), pick(3), 1 + pick(3)};
    node.x = {1 + pick(4), 1 + pick(2), pick(3), pick(3), 1 + pick(2)};
    const auto fits = [](int64_t size, const KernelAxis& axis) {
      return size + axis.pad + axis.pad_end >= axis.extent();
    };
    if (!fits(in.height, node.y) || !fits(in.width, node.x)) return;
    node.groups = pick(2) == 0 ? in.channels : 1;
    node.out_channels = node.groups * (1 + pick(2));
    if (node.out_channels > 24) return;
    node.activation = some_activation();
    append(node, {from});
  }

  void add_conv() {
    if (pick(3) == 0) return add_uneven_conv();
    const int from = some_node();
    const FeatureShape in = shapes_[from];
    Kernel kernel{1 + pick(5), 1 + pick(3), pick(4)};
    if (pick(2) == 0) kernel = {3, 1, 1};
    if (std::min(in.height, in.width) + 2 * kernel.pad < kernel.size) return;
    const int64_t groups = in.channels % 2 == 0 && pick(3) == 0 ? 2 : 1;
    const int64_t channels = groups * (1 + pick(4));
    builder_.conv(from, name(), channels, kernel, some_activation(), {}, groups);
    shapes_.push_back({channels, steps_of_kernel(in.height, kernel.size, kernel.stride, kernel.pad),
                       steps_of_kernel(in.width, kernel.size, kernel.stride, kernel.pad)});
  }

  void add_linear() {
    const int64_t units = 5 + pick(4);
    builder_.linear(last(), name(), units, some_activation(), {});
    shapes_.push_back({units, 1, 1});
  }

  /// With unequal axes now and then.
  Node some_pool(Op op) {
    Node node = of_op(op);
    const int64_t size = 2 + pick(3), pad = pick(size / 2 + 1);
    node.y = node.x = {size, 1 + pick(3), pad, pad, 1};
    if (pick(3) == 0) node.x = {1 + pick(4), 1 + pick(3), 0, 0, 1};
    if (pick(3) == 0) node.y.pad_end = pick(node.y.size);
    node.rounding = pick(2) == 0 ? Rounding::down : Rounding::up;
    return node;
  }
  bool fits_pool(const Node& node, const FeatureShape& in) const {
    return in.height + node.y.pad + node.y.pad_end >= node.y.extent() &&
           in.width + node.x.pad + node.x.pad_end >= node.x.extent() &&
           (node.y.pad == 0 || in.height >= node.y.dilation);
  }

  void add_max_pool() {
    const int from = some_node();
    Node node = some_pool(Op::max_pool);
    if (pick(4) == 0) node.y.dilation = 2;
    if (fits_pool(node, shapes_[from])) append(node, {from});
  }

  void add_avg_pool() {
    const int from = some_node();
    Node node = some_pool(Op::avg_pool);
    node.count_padding = pick(2) == 0;
    if (fits_pool(node, shapes_[from])) append(node, {from});
  }

  static ScalarFunction with_parameters(Function function) {
    switch (function) {
      case Function::clip:
        return {function, -0.5f, 0.7f};
      case Function::leaky_relu:
        return {function, 0.1f};
      case Function::elu:
        return {function, 1};
      case Function::hard_sigmoid:
        return {function, 0.2f, 0.5f};
      case Function::power:
        return {function, 2};  // of any number
      default:
        return {function};
    }
  }
  void add_function() {
    Node node = of_op(Op::activation);
    node.function = with_parameters(static_cast<Function>(pick(function_count)));
    append(node, {in_domain(node.function.function, some_node())});
  }
  /// The node, or where the function is not for all numbers or grows without end, it clipped.
  int in_domain(Function function, int from) {
    if (function != Function::log && function != Function::exp) return from;
    Node clip = of_op(Op::activation);
    clip.function = {Function::clip, function == Function::log ? 0.5f : -3.0f, 3};
    return append(clip, {from});
  }

  void add_prelu() { append(of_op(Op::prelu), {some_node()}); }
  void add_affine() {
    Node node = of_op(Op::affine);
    node.activation = some_activation();
    append(node, {some_node()});
  }

  void add_lrn() {
    Node node = of_op(Op::lrn);
    node.lrn.size = 1 + pick(5);
    node.lrn.before = pick(node.lrn.size);
    node.lrn.alpha = 0.3f;
    append(node, {some_node()});
  }

  /// Over a few channels little is left that the output depends on.
  void add_layer_norm() {
    const int from = some_node();
    if (shapes_[from].channels >= 5) append(of_op(Op::layer_norm), {from});
  }

  void add_channel_max() { append(of_op(Op::channel_max), {some_node()}); }

  void add_adaptive() {
    const int64_t size = 1 + pick(3);
    const int from = last();
    builder_.adaptive_avg_pool(from, name(), size, {});
    shapes_.push_back({shapes_[from].channels, size, size});
  }

  void add_difference() { add_binary(Op::sub); }

  void add_product() { add_binary(Op::mul); }

  void add_maximum() { add_binary(Op::max); }

  /// By a number that is not near 0.
  void add_quotient() {
    const int first = some_node();
    Node divisor = of_op(Op::activation);
    divisor.function = {Function::sigmoid};
    append(of_op(Op::div), {first, append(divisor, {some_broadcast(first)})});
  }

  /// A node as large as `with` or with one channel for all; else one cell for all.
  int some_broadcast(int with) {
    const FeatureShape shape = shapes_[with];
    const std::vector<int> fitting = nodes_that([&](const FeatureShape& s) {
      const bool map = s.height == shape.height && s.width == shape.width;
      const bool cell = s.height == 1 && s.width == 1;
      return (s.channels == shape.channels || s.channels == 1) && (map || cell);
    });
    if (pick(2) == 0 && !fitting.empty()) return fitting[pick(std::ssize(fitting))];
    return append(of_op(Op::adaptive_avg_pool), {with});  // a gate
  }

  void add_binary(Op op) {
    const int first = some_node(), second = some_broadcast(first);
    Node node = of_op(op);
    node.activation = some_activation();
    append(node, pick(2) == 0 ? std::vector{first, second} : std::vector{second, first});
  }

  void add_sum() {
    if (pick(3) == 0) return add_binary(Op::add);
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
};

}  // namespace hdecomp::testing_models
