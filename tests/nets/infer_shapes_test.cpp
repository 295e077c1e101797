/// The extents of nodes: what is inferred, and what is refused.
#include <gtest/gtest.h>

#include <cmath>

#include "hdecomp/error.h"
#include "nets/builder.h"
#include "nets/family.h"
#include "nets/layer_names.h"
#include "tests/support/hostile_files.h"

namespace hdecomp {
namespace {

TEST(InferShapesTest, AnAddOfTwoShapesIsRefused) {
  Graph graph = build_graph(default_params("resnet18"));
  graph.nodes[find_layer(graph, "layer2.0")].inputs[1] = find_layer(graph, "layer1");
  EXPECT_THROW(infer_shapes(graph, {3, 224, 224}), UserError);
}

TEST(InferShapesTest, InputsOfUnequalExtentHaveNoConcat) {
  Graph graph = build_graph(default_params("squeezenet1_1"));
  graph.nodes[find_layer(graph, "fire4")].inputs[1] = find_layer(graph, "fire3");
  EXPECT_THROW(infer_shapes(graph, {3, 224, 224}), UserError);
  graph.nodes[find_layer(graph, "fire4")].inputs.clear();
  EXPECT_THROW(infer_shapes(graph, {3, 224, 224}), UserError);
}

TEST(InferShapesTest, GroupsDivideTheChannels) {
  GraphBuilder net("grouped");
  net.conv(net.input(), "a", 4, {3, 1, 1}, Activation::none, {}, 2);
  Graph graph = net.take();
  EXPECT_THROW(infer_shapes(graph, {3, 8, 8}), UserError);
  infer_shapes(graph, {6, 8, 8});
  EXPECT_EQ(weight_dims(graph, 1), (std::vector<int64_t>{4, 3, 3, 3}));
}

/// The line that refuses a node behind an input of 6 x 8 x 9; "" if it fits.
std::string refusal(const Node& node, size_t inputs = 1) {
  GraphBuilder net("one");
  net.node(node, std::vector<int>(inputs, 0), "it", {});
  Graph graph = net.take();
  return file_testing::line_if_refused([&] { infer_shapes(graph, {6, 8, 9}); });
}

TEST(InferShapesTest, KernelsAreUnevenDilatedAndPadded) {
  Node conv;
  conv.op = Op::conv;
  conv.out_channels = 12, conv.groups = 6;
  conv.y = {3, 2, 0, 1, 1}, conv.x = {1, 1, 2, 0, 3};
  GraphBuilder net("one");
  net.node(conv, {0}, "conv", {});
  Graph graph = net.take();
  infer_shapes(graph, {6, 8, 9});
  EXPECT_EQ(graph.shapes[1], (FeatureShape{12, 4, 11}));
  EXPECT_EQ(weight_dims(graph, 1), (std::vector<int64_t>{12, 1, 3, 1}));
  EXPECT_EQ(bias_dims(graph, 1), (std::vector<int64_t>{12}));
}

TEST(InferShapesTest, NumbersOfANodeThatDoNotFitAreRefused) {
  const auto refused = [](Op op, auto&& change, size_t inputs = 1) {
    Node node;
    node.op = op;
    node.out_channels = 6;
    EXPECT_EQ(refusal(node, inputs), "") << static_cast<int>(op);
    change(node);
    EXPECT_NE(refusal(node, inputs).find("layer it: "), std::string::npos) << static_cast<int>(op);
  };
  refused(Op::conv, [](Node& n) { n.y.size = 0; });
  refused(Op::conv, [](Node& n) { n.x.stride = 0; });
  refused(Op::conv, [](Node& n) { n.x.stride = INT64_MIN; });
  refused(Op::conv, [](Node& n) { n.y.dilation = INT64_MAX; });
  refused(Op::conv, [](Node& n) { n.y.pad = -1; });
  refused(Op::conv, [](Node& n) { n.x.pad_end = INT64_MAX; });
  refused(Op::conv, [](Node& n) { n.groups = 0; });
  refused(Op::conv, [](Node& n) { n.out_channels = 0; });
  refused(Op::conv, [](Node& n) { n.out_channels = INT64_MAX; });
  refused(Op::conv, [](Node& n) { n.y = {5, 1, 0, 0, 2}; });
  refused(Op::conv, [](Node& n) { n.y.pad = n.x.pad = 1 << 20, n.out_channels = 1 << 20; });
  refused(Op::linear, [](Node& n) { n.out_channels = -1; });
  refused(Op::max_pool, [](Node& n) { n.y.pad = 1; });
  refused(Op::max_pool, [](Node& n) { n.y = {2, 1, 1, 9, 9}; });
  refused(Op::max_pool, [](Node& n) { n.activation = Activation::relu; });
  refused(Op::avg_pool, [](Node& n) { n.y = {2, 1, 0, 0, 2}; });
  refused(Op::adaptive_avg_pool, [](Node& n) { n.pool_size = 0; });
  refused(Op::activation, [](Node& n) { n.function.function = static_cast<Function>(99); });
  refused(Op::activation, [](Node& n) { n.function = {Function::clip, 2, 1}; });
  refused(Op::activation, [](Node& n) { n.function.alpha = std::nanf(""); });
  refused(Op::slice, [](Node& n) { n.first_channel = 1; });
  refused(Op::slice, [](Node& n) { n.first_channel = INT64_MIN; });
  refused(Op::pad, [](Node& n) { n.y.pad = -8; });
  refused(Op::pad, [](Node& n) { n.x.pad_end = INT64_MIN; });
  refused(Op::channel_shuffle, [](Node& n) { n.groups = 4; });
  refused(Op::channel_shuffle, [](Node& n) { n.groups = 0; });
  refused(Op::lrn, [](Node& n) { n.lrn.size = 0; });
  refused(Op::lrn, [](Node& n) { n.lrn.before = 5; });
  refused(Op::lrn, [](Node& n) { n.lrn.k = 0; });
  refused(Op::layer_norm, [](Node& n) { n.epsilon = 0; });
  refused(Op::gather, [](Node& n) { n.y.size = 0; });
  refused(Op::gather, [](Node& n) { n.x.stride = 2; });
  refused(Op::gather, [](Node& n) { n.x.pad = INT64_MIN; });
  refused(Op::gather, [](Node& n) { n.y.dilation = 0; });
  refused(Op::gather, [](Node& n) { n.y.size = n.x.size = 1 << 24; });
  refused(Op::space_to_depth, [](Node& n) { n.y.size = 2; });
  refused(Op::space_to_depth, [](Node& n) { n.y.size = n.y.stride = 0; });
  refused(Op::space_to_depth, [](Node& n) { n.y.size = n.y.stride = 1 << 20; });
  refused(Op::depth_to_space, [](Node& n) { n.x.pad = 1; });
  refused(Op::depth_to_space, [](Node& n) { n.x.size = n.x.stride = 1 << 24; });
  refused(
      Op::mul, [](Node& n) { n.inputs = {0}, n.op = Op::activation; }, 2);
}

TEST(InferShapesTest, ArithmeticBroadcastsOneChannelOrOneCell) {
  GraphBuilder net("gates");
  Node node;
  const int mean = net.adaptive_avg_pool(0, "mean", 1, {});
  node.op = Op::slice;
  node.out_channels = 1;
  const int one = net.node(node, {0}, "one", {});
  const int both = net.node(node, {mean}, "both", {});
  node.op = Op::mul;
  std::vector<int> products;
  for (const int gate : {mean, one, both}) {
    products.push_back(net.node(node, {0, gate}, joined("by", gate), {}));
    products.push_back(net.node(node, {gate, 0}, joined("of", gate), {}));
  }
  const int outer = net.node(node, {mean, one}, "outer", {});
  Graph graph = net.take();
  infer_shapes(graph, {6, 8, 9});
  for (const int product : products) EXPECT_EQ(graph.shapes[product], graph.shapes[0]);
  EXPECT_EQ(graph.shapes[outer], graph.shapes[0]);
}

TEST(InferShapesTest, OddInputsRoundDown) {
  Graph graph = build_graph(default_params("resnet18"));
  infer_shapes(graph, {3, 225, 97});
  EXPECT_EQ(graph.shapes[find_layer(graph, "conv1")], (FeatureShape{64, 113, 49}));
  EXPECT_EQ(graph.shapes[find_layer(graph, "layer4")], (FeatureShape{512, 8, 4}));
  EXPECT_EQ(graph.shapes[find_layer(graph, "avgpool")], (FeatureShape{512, 1, 1}));
}

}  // namespace
}  // namespace hdecomp
