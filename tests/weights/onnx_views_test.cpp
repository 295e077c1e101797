/// What the ONNX reader makes of heads, of features seen with other axes, and of ops that it lowers
/// to several.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/weights/onnx_bytes.h"
#include "weights/onnx/network.h"

namespace hdecomp {
namespace {

using namespace file_testing;
using namespace onnx_testing;

std::vector<Op> ops_of(const onnx::Network& net) {
  std::vector<Op> list;
  for (const Node& node : net.graph.nodes) list.push_back(node.op);
  return {list.begin() + 1, list.end()};
}

onnx::Network network_of(const OnnxFile& net, const std::string& output, int64_t opset = 13) {
  return onnx::read_network(net.file(output, opset), 0);
}

std::string refusal_of(const OnnxFile& net, const std::string& output, int64_t opset = 13) {
  const std::string path = net.file(output, opset);
  return error_line([&] { onnx::read_network(path, 0); });
}

/// Three scores of one number for each of the image's channels.
onnx::Network scored(OnnxFile& net, const std::string& numbers) {
  net.weight("w", {3, 3}).node("MatMul", {numbers, "w"}, "s");
  return network_of(net, "s");
}

OnnxFile& index_of_zero(OnnxFile& net) { return net.tensor("zero", {}, 7, number(7, 0)); }

TEST(OnnxViews, TheOnlyCellIsTakenByItsNumber) {  // x[:, :, 0, 0]
  OnnxFile net;
  index_of_zero(net).node("GlobalAveragePool", {"image"}, "p");
  net.node("Gather", {"p", "zero"}, "row", Attributes().integer("axis", 2));
  net.node("Gather", {"row", "zero"}, "cell", Attributes().integer("axis", 2));
  EXPECT_EQ(ops_of(scored(net, "cell")), (std::vector{Op::adaptive_avg_pool, Op::linear}));
}

TEST(OnnxViews, OneCellOfManyIsCutOut) {
  OnnxFile net;
  index_of_zero(net).whole("last", {-1});
  net.node("Gather", {"image", "zero"}, "row", Attributes().integer("axis", 2));
  net.node("Gather", {"row", "last"}, "cell", Attributes().integer("axis", 2));
  net.node("Flatten", {"cell"}, "f");
  const onnx::Network read = scored(net, "f");
  ASSERT_EQ(ops_of(read), (std::vector{Op::pad, Op::pad, Op::linear}));
  EXPECT_EQ(read.graph.nodes[1].y.pad_end, -7);
  EXPECT_EQ(read.graph.nodes[2].x.pad, -7);
}

TEST(OnnxViews, MeansOfMeansAreTheMean) {
  const std::vector<std::pair<int64_t, int64_t>> orders{{-1, -1}, {2, 2}, {3, 2}};
  for (const auto& [first, second] : orders) {
    for (const std::string op : {"ReduceMean", "ReduceMax"}) {
      OnnxFile net;
      net.node(op, {"image"}, "rows", Attributes().ints("axes", {first}).integer("keepdims", 0));
      net.node(op, {"rows"}, "one", Attributes().ints("axes", {second}).integer("keepdims", 0));
      const onnx::Network read = scored(net, "one");
      const bool mean = op == "ReduceMean";
      ASSERT_EQ(ops_of(read),
                (std::vector{mean ? Op::adaptive_avg_pool : Op::max_pool, Op::linear}));
      EXPECT_EQ(read.graph.nodes[1].x.size, mean ? 1 : 8);
    }
  }
}

/// A mean of maxima is neither.
TEST(OnnxViews, RowsAreReducedAlone) {
  OnnxFile net;
  net.node("ReduceMax", {"image"}, "rows", Attributes().ints("axes", {3}));
  net.node("ReduceMean", {"rows"}, "one", Attributes().ints("axes", {2}));
  net.node("Flatten", {"one"}, "f");
  const onnx::Network read = scored(net, "f");
  ASSERT_EQ(ops_of(read), (std::vector{Op::max_pool, Op::adaptive_avg_pool, Op::linear}));
  EXPECT_EQ(read.graph.nodes[1].x.size, 8);
  EXPECT_EQ(read.graph.nodes[1].y.size, 1);
}

TEST(OnnxViews, CellsAreReducedOverTheirChannels) {
  OnnxFile net;
  const Attributes over = Attributes().ints("axes", {1}),
                   gone = Attributes(over).integer("keepdims", 0);
  net.whole("1", {1}).weight("w", {1, 2, 3, 3});
  net.node("ReduceMax", {"image"}, "max", over).node("ReduceMean", {"image"}, "mean", gone);
  net.node("Unsqueeze", {"mean", "1"}, "back");
  net.node("Concat", {"max", "back"}, "both", Attributes().integer("axis", 1));
  net.node("Conv", {"both", "w"}, "c", Attributes().ints("pads", {1, 1, 1, 1}));
  net.node("Sigmoid", {"c"}, "gate").node("Mul", {"image", "gate"}, "y");
  net.node("GlobalAveragePool", {"y"}, "p");
  const onnx::Network read = network_of(net, "p");
  ASSERT_EQ(ops_of(read), (std::vector{Op::channel_max, Op::conv, Op::concat, Op::conv,
                                       Op::activation, Op::mul, Op::adaptive_avg_pool}));
  EXPECT_EQ(read.layers[2].weight.span()[2], 1.0f / 3);
}

TEST(OnnxViews, PartsOfAnAxisAreNotReduced) {
  OnnxFile net;  // pairs of rows
  net.whole("pairs", {0, 3, 4, 2, 8}).node("Reshape", {"image", "pairs"}, "x");
  net.node("ReduceMean", {"x"}, "y", Attributes().ints("axes", {3}));
  expect_line(refusal_of(net, "y"), "over a part of the map, or of the channels together with");
  OnnxFile batch;
  batch.node("ReduceMean", {"image"}, "y", Attributes().ints("axes", {0}));
  expect_line(refusal_of(batch, "y"), "over the batch");
}

TEST(OnnxViews, AGateIsExpandedWhereItIsMultiplied) {
  const auto expanded = [](const std::vector<int64_t>& to) {
    OnnxFile net;
    net.whole("to", to).node("GlobalAveragePool", {"image"}, "p");
    return net.node("Expand", {"p", "to"}, "e").node("Mul", {"image", "e"}, "y");
  };
  OnnxFile right = expanded({1, 3, 8, 8});
  right.node("GlobalAveragePool", {"y"}, "mean");
  EXPECT_EQ(ops_of(network_of(right, "mean")),
            (std::vector{Op::adaptive_avg_pool, Op::mul, Op::adaptive_avg_pool}));
  expect_line(refusal_of(expanded({1, 3, 8, 9}), "y"), "two features of 8 and 9 on axis 3");
  expect_line(refusal_of(expanded({1, 6, 8, 8}), "y"), "an expansion of 3 to 6");
  expect_line(refusal_of(expanded({1, 1, 3, 8, 8}), "y"), "an expansion to more axes");
  OnnxFile alone;
  alone.whole("to", {1, 3, 8, 8}).node("GlobalAveragePool", {"image"}, "p");
  alone.node("Expand", {"p", "to"}, "e").node("Tanh", {"e"}, "y");
  alone.node("GlobalAveragePool", {"y"}, "mean");
  EXPECT_EQ(
      ops_of(network_of(alone, "mean")),
      (std::vector{Op::adaptive_avg_pool, Op::gather, Op::activation, Op::adaptive_avg_pool}));
}

/// PyTorch's nn.LocalResponseNorm; `size` channels from `before` on.
OnnxFile response_norm(int64_t size, int64_t before, int64_t after) {
  OnnxFile net;
  net.weight("w", {8, 3, 1, 1}).node("Conv", {"image", "w"}, "x").node("Mul", {"x", "x"}, "x2");
  net.whole("1", {1}).whole("pads", {0, 0, before, 0, 0, 0, 0, after, 0, 0}).real("alpha", 0.5f);
  net.real("k", 2).real("beta", 0.75f).node("Unsqueeze", {"x2", "1"}, "deep");
  net.node("Pad", {"deep", "pads"}, "padded");
  net.node("AveragePool", {"padded"}, "means", Attributes().ints("kernel_shape", {size, 1, 1}));
  net.node("Squeeze", {"means", "1"}, "s").node("Mul", {"s", "alpha"}, "a");
  net.node("Add", {"a", "k"}, "b").node("Pow", {"b", "beta"}, "p").node("Div", {"x", "p"}, "y");
  net.node("GlobalAveragePool", {"y"}, "mean");
  return net;
}

TEST(OnnxViews, PyTorchsResponseNormIsOne) {
  for (const int64_t size : {5, 4}) {
    const onnx::Network read = network_of(response_norm(size, size / 2, (size - 1) / 2), "mean");
    ASSERT_EQ(ops_of(read), (std::vector{Op::conv, Op::lrn, Op::adaptive_avg_pool}));
    const ResponseNorm& norm = read.graph.nodes[2].lrn;
    EXPECT_EQ(norm.size, size);
    EXPECT_EQ(norm.before, 2);
    EXPECT_FLOAT_EQ(norm.alpha, 0.5f);
    EXPECT_EQ(norm.beta, 0.75f);
    EXPECT_EQ(norm.k, 2);
  }
}

/// Of other channels than the number's own, or of another feature, it is what it is spelt with.
TEST(OnnxViews, WhatOnlyResemblesAResponseNormIsNone) {
  const onnx::Network moved = network_of(response_norm(5, 0, 4), "mean");
  EXPECT_EQ(moved.graph.nodes[2].op, Op::lrn);  // a window that begins with the channel itself
  expect_line(refusal_of(response_norm(5, 3, 2), "mean"), "two features of 8 and 9 on axis 1");
  OnnxFile other = response_norm(5, 2, 2);
  other.node("Relu", {"x"}, "r").node("Div", {"r", "p"}, "q").node("GlobalAveragePool", {"q"}, "m");
  const std::vector<Op> all = ops_of(network_of(other, "m"));
  EXPECT_EQ(std::ranges::count(all, Op::lrn), 0);
  EXPECT_EQ(std::ranges::count(all, Op::div), 1);
}

TEST(OnnxViews, GroupsAreNormalisedByTheirMoments) {
  OnnxFile net;
  net.weight("w", {6, 3, 1, 1}).weight("g", {6, 1, 1}).weight("b", {6, 1, 1});
  net.whole("groups", {0, 2, -1}).whole("back", {0, 6, 8, 8}).weight("one", {2}).weight("no", {2});
  net.node("Conv", {"image", "w"}, "x").node("Reshape", {"x", "groups"}, "rows");
  net.node("InstanceNormalization", {"rows", "one", "no"}, "n");
  net.node("Reshape", {"n", "back"}, "y").node("Mul", {"y", "g"}, "z").node("Add", {"z", "b"}, "q");
  net.node("GlobalAveragePool", {"q"}, "p");
  const onnx::Network read = network_of(net, "p");
  EXPECT_EQ(ops_of(read), (std::vector{Op::conv, Op::adaptive_avg_pool, Op::conv, Op::sub, Op::mul,
                                       Op::adaptive_avg_pool, Op::conv, Op::activation, Op::mul,
                                       Op::affine, Op::adaptive_avg_pool}));
  EXPECT_EQ(read.graph.nodes[3].groups, 2);
  OnnxFile uneven;
  uneven.weight("w", {6, 3, 1, 1}).weight("one", {4}).whole("groups", {0, 4, -1});
  uneven.node("Conv", {"image", "w"}, "x").node("Reshape", {"x", "groups"}, "rows");
  uneven.node("InstanceNormalization", {"rows", "one", "one"}, "y");
  expect_line(refusal_of(uneven, "y"), "a norm over other than whole channels");
}

/// Scales are the groups' in opset 18, the channels' in opset 21.
TEST(OnnxViews, GroupNormHasScalesOfGroupsOrChannels) {
  for (const int64_t scales : {2, 6}) {
    OnnxFile net;
    net.weight("w", {6, 3, 1, 1}).weight("g", {scales}).weight("b", {scales});
    net.node("Conv", {"image", "w"}, "x");
    net.node("GroupNormalization", {"x", "g", "b"}, "y", Attributes().integer("num_groups", 2));
    net.node("GlobalAveragePool", {"y"}, "p");
    const onnx::Network read = network_of(net, "p", scales == 2 ? 18 : 21);
    ASSERT_EQ(read.graph.nodes[10].op, Op::affine);
    const std::span<const float> all = read.layers[10].weight.span();
    EXPECT_EQ(all[0] == all[2], scales == 2);
    EXPECT_NE(all[0], all[3]);
  }
}

/// The rows 1 and 6 of 8, once more; then columns.
TEST(OnnxViews, MirroredCellsAreAddedRowByRow) {
  OnnxFile net;
  net.whole("pads", {0, 0, 1, 0, 0, 0, 1, 0});
  net.node("Pad", {"image", "pads"}, "x", Attributes().text("mode", "reflect"));
  net.node("GlobalAveragePool", {"x"}, "p");
  const Graph graph = network_of(net, "p").graph;
  ASSERT_EQ(graph.nodes.size(), 9u);
  EXPECT_EQ(graph.nodes[2].y.pad, -1);  // row 1
  EXPECT_EQ(graph.nodes[2].y.pad_end, -6);
  EXPECT_EQ(graph.nodes[5].y.pad, -6);  // row 6
  EXPECT_EQ(graph.nodes[6].y.pad, 9);   // the last of 10
  EXPECT_EQ(graph.shapes[7].height, 10);
  for (const auto& [mode, cells, says] : {std::tuple{"reflect", 8, "0 to 7 are supported"},
                                          {"edge", 9, "0 to 8 are supported"},
                                          {"edge", -1, "0 to 8"}}) {
    OnnxFile far;
    far.whole("pads", {0, 0, 0, cells, 0, 0, 0, 0});
    far.node("Pad", {"image", "pads"}, "x", Attributes().text("mode", mode));
    expect_line(refusal_of(far, "x"), says);
  }
  OnnxFile channels;
  channels.whole("pads", {0, 1, 0, 0, 0, -1, 0, 0});
  channels.node("Pad", {"image", "pads"}, "x", Attributes().text("mode", "edge"));
  expect_line(refusal_of(channels, "x"), "mode edge over channels");
}

/// In training mode a feature is drawn by chance, unless nothing is left out.
TEST(OnnxViews, DropoutOfTrainingIsRefused) {
  const auto with = [](float ratio, int64_t training) {
    OnnxFile net;
    net.real("ratio", ratio).tensor("training", {}, 9, number(5, training));
    net.node("Dropout", {"image", "ratio", "training"}, "x");
    return net.node("GlobalAveragePool", {"x"}, "p");
  };
  expect_line(refusal_of(with(0.5f, 1), "p"), "training mode, whose result is drawn by chance");
  EXPECT_EQ(ops_of(network_of(with(0, 1), "p")), (std::vector{Op::adaptive_avg_pool}));
  EXPECT_EQ(ops_of(network_of(with(0.5f, 0), "p")), (std::vector{Op::adaptive_avg_pool}));
}

std::string graph_bytes(const std::string& op, const std::string& input) {
  return message(1, message(1, input) + message(2, "inner") + message(4, op)) +
         message(12, message(1, "inner"));
}

OnnxFile with_branches(const std::string& condition) {
  OnnxFile net;
  net.whole("1", {1}).tensor("3", {1}, 7, number(7, 3)).whole("axis", {1});
  net.node("Shape", {"image"}, "shape").node("Gather", {"shape", "1"}, "channels");
  net.node("Equal", {"channels", condition}, "is");
  Attributes both;
  both.bytes = message(5, message(1, "then_branch") + message(6, graph_bytes("Relu", "image"))) +
               message(5, message(1, "else_branch") + message(6, graph_bytes("Sigmoid", "image")));
  return net.node("If", {"is"}, "x", both).node("GlobalAveragePool", {"x"}, "p");
}

TEST(OnnxViews, OfTwoBranchesTheOneIsReadThatIsTaken) {
  const onnx::Network then = network_of(with_branches("3"), "p");
  EXPECT_EQ(then.graph.nodes[1].op, Op::affine);  // with a ReLU
  EXPECT_EQ(network_of(with_branches("1"), "p").graph.nodes[1].op, Op::activation);
  OnnxFile open;
  open.node("If", {"image"}, "x");
  expect_line(refusal_of(open, "x"), "its condition is no constant");
}

TEST(OnnxViews, WhatMovesTheBatchIsRefused) {
  OnnxFile reshaped, turned;
  reshaped.whole("to", {3, 64}).node("Reshape", {"image", "to"}, "x");
  expect_line(refusal_of(reshaped, "x"), "a reshape whose first axis is not the batch");
  turned.node("Transpose", {"image"}, "x", Attributes().ints("perm", {1, 0, 2, 3}));
  expect_line(refusal_of(turned, "x"), "a transpose that moves the batch");
  OnnxFile wild;
  wild.node("Transpose", {"image"}, "x", Attributes().ints("perm", {0, 1, 9, -3}));
  expect_line(refusal_of(wild, "x"), "axes that are no permutation");
}

}  // namespace
}  // namespace hdecomp
