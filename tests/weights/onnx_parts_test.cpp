/// What the ONNX reader makes of parts of a feature: its channels by their numbers, sides of it,
/// its own shape.
#include <gtest/gtest.h>

#include "tests/weights/onnx_bytes.h"
#include "weights/onnx/network.h"

namespace hdecomp {
namespace {

using namespace file_testing;
using namespace onnx_testing;

Graph graph_of(OnnxFile& net, const std::string& map, int64_t opset = 13) {
  net.node("GlobalAveragePool", {map}, "mean");
  return onnx::read_network(net.file("mean", opset), 0).graph;
}

/// The first channel of each slice, in the order of the concatenation that ends the graph.
std::vector<int64_t> sliced_channels(const Graph& graph) {
  const Node& whole = graph.nodes[graph.nodes.size() - 2];
  EXPECT_EQ(whole.op, Op::concat);
  std::vector<int64_t> firsts;
  for (const int part : whole.inputs) {
    EXPECT_EQ(graph.nodes[part].op, Op::slice);
    EXPECT_EQ(graph.nodes[part].out_channels, 1);
    firsts.push_back(graph.nodes[part].first_channel);
  }
  return firsts;
}

TEST(OnnxParts, ChannelsComeInAnyOrder) {
  OnnxFile gathered, sliced, stepped;
  gathered.whole("order", {-1, 1, 0});
  gathered.node("Gather", {"image", "order"}, "bgr", Attributes().integer("axis", 1));
  EXPECT_EQ(sliced_channels(graph_of(gathered, "bgr")), (std::vector<int64_t>{2, 1, 0}));
  sliced.whole("from", {-1}).whole("to", {-4}).whole("axis", {1}).whole("step", {-1});
  sliced.node("Slice", {"image", "from", "to", "axis", "step"}, "bgr");
  EXPECT_EQ(sliced_channels(graph_of(sliced, "bgr")), (std::vector<int64_t>{2, 1, 0}));
  stepped.whole("from", {0}).whole("to", {3}).whole("axis", {1}).whole("step", {2});
  stepped.node("Slice", {"image", "from", "to", "axis", "step"}, "rb");
  EXPECT_EQ(sliced_channels(graph_of(stepped, "rb")), (std::vector<int64_t>{0, 2}));
}

TEST(OnnxParts, NeighboursAreOneSlice) {
  OnnxFile net;
  net.whole("pair", {1, 2}).node("Gather", {"image", "pair"}, "x", Attributes().integer("axis", 1));
  const Graph graph = graph_of(net, "x");
  ASSERT_EQ(graph.nodes.size(), 3u);
  EXPECT_EQ(graph.nodes[1].op, Op::slice);
  EXPECT_EQ(graph.nodes[1].first_channel, 1);
  EXPECT_EQ(graph.nodes[1].out_channels, 2);
}

/// As torchvision's GoogLeNet and Inception v3 change the input's means: x[:, 0] without an axis of
/// channels, which comes back before the three are put together.
TEST(OnnxParts, SingleChannelsLoseTheirAxisAndGetItBack) {
  OnnxFile net;
  net.whole("back", {1}).real("half", 0.5);
  std::vector<std::string> three;
  for (const std::string c : {"0", "1", "2"}) {
    net.tensor("number" + c, {}, 7, number(7, std::stoi(c)));
    net.node("Gather", {"image", "number" + c}, "plane" + c, Attributes().integer("axis", 1));
    net.node("Unsqueeze", {"plane" + c, "back"}, "channel" + c);
    net.node("Mul", {"channel" + c, "half"}, "scaled" + c);
    three.push_back("scaled" + c);
  }
  net.node("Concat", three, "x", Attributes().integer("axis", 1));
  const Graph graph = graph_of(net, "x");
  ASSERT_EQ(graph.nodes.size(), 9u);
  const Node& whole = graph.nodes[7];
  ASSERT_EQ(whole.op, Op::concat);
  for (int c = 0; c < 3; ++c) {
    const Node& scaled = graph.nodes[whole.inputs[c]];
    ASSERT_EQ(scaled.op, Op::affine);
    EXPECT_EQ(graph.nodes[scaled.inputs[0]].first_channel, c);
  }
}

TEST(OnnxParts, OtherGathersAreRefused) {
  const auto refusal = [](const std::vector<int64_t>& numbers, int64_t axis) {
    OnnxFile net;
    net.whole("numbers", numbers);
    net.node("Gather", {"image", "numbers"}, "x", Attributes().integer("axis", axis));
    return error_line([&] { graph_of(net, "x"); });
  };
  expect_line(refusal({3}, 1), "channel 3 of 3");
  expect_line(refusal({-4}, 1), "channel -1 of 3");
  expect_line(refusal({0, 1}, 2), "a gather of other than channels, or of one row");
  expect_line(refusal({8}, 2), "place 8 of 8");
  expect_line(refusal({0}, 0), "a gather of other than channels, or of one row");
  expect_line(refusal({}, 1), "a part without channels");
}

/// Opset 15's Shape may be of some axes: exporters take the batch alone to reshape to it and -1.
TEST(OnnxParts, AShapeMayBeOfSomeAxes) {
  const auto reshaped_by = [](const Attributes& part, const std::vector<int64_t>& rest) {
    OnnxFile net;
    net.whole("rest", rest).node("Shape", {"image"}, "part", part);
    net.node("Concat", {"part", "rest"}, "all", Attributes().integer("axis", 0));
    net.node("Reshape", {"image", "all"}, "flat").weight("w", {192, 2});
    net.node("MatMul", {"flat", "w"}, "scores");
    return onnx::read_network(net.file("scores", 15), 0).graph.shapes.back();
  };
  const FeatureShape two{2, 1, 1};
  EXPECT_EQ(reshaped_by(Attributes().integer("end", 1), {-1}), two);
  EXPECT_EQ(reshaped_by(Attributes().integer("start", -4).integer("end", -3), {-1}), two);
  EXPECT_EQ(reshaped_by(Attributes().integer("start", 4), {1, -1}), two);
}

/// PyTorch's F.pad and ZeroPad2d: sides from the last axis on, turned round in tables of two
/// columns.
TEST(OnnxParts, PadsOfPyTorchAreTurnedRound) {
  OnnxFile net;
  net.whole("sides", {1, 2, 3, 4})
      .whole("rest", {0, 0, 0, 0})
      .whole("pairs", {-1, 2})
      .whole("list", {-1});
  net.node("Concat", {"sides", "rest"}, "all", Attributes().integer("axis", 0));
  net.node("Reshape", {"all", "pairs"}, "table");
  net.whole("from", {-1}).whole("to", {INT64_MIN + 1}).whole("axis", {0}).whole("step", {-1});
  net.node("Slice", {"table", "from", "to", "axis", "step"}, "turned");
  net.node("Transpose", {"turned"}, "columns", Attributes().ints("perm", {1, 0}));
  net.node("Reshape", {"columns", "list"}, "pads").node("Pad", {"image", "pads"}, "p");
  const Graph graph = graph_of(net, "p");
  ASSERT_EQ(graph.nodes[1].op, Op::pad);
  EXPECT_EQ(graph.nodes[1].x.pad, 1);
  EXPECT_EQ(graph.nodes[1].x.pad_end, 2);
  EXPECT_EQ(graph.nodes[1].y.pad, 3);
  EXPECT_EQ(graph.nodes[1].y.pad_end, 4);
}

/// The second row of each of two tables: the pads of height and width, before and after.
TEST(OnnxParts, TablesOfConstantsAreSlicedAlongAnyAxis) {
  OnnxFile net;
  net.tensor("table", {2, 2, 2}, 7,
             number(7, 0) + number(7, 0) + number(7, 1) + number(7, 2) + number(7, 0) +
                 number(7, 0) + number(7, 3) + number(7, 4));
  net.whole("from", {1, 0}).whole("to", {2, 9}).whole("axes", {1, -1}).whole("list", {-1});
  net.whole("hw", {2, 3});
  net.node("Slice", {"table", "from", "to", "axes"}, "second");
  net.node("Reshape", {"second", "list"}, "pads").node("Pad", {"image", "pads", "", "hw"}, "p");
  const Graph graph = graph_of(net, "p", 18);
  EXPECT_EQ(graph.nodes[1].y.pad, 1);
  EXPECT_EQ(graph.nodes[1].x.pad, 2);
  EXPECT_EQ(graph.nodes[1].y.pad_end, 3);
  EXPECT_EQ(graph.nodes[1].x.pad_end, 4);
}

/// The mean or the maximum of a map, also as a row of cells.
TEST(OnnxParts, WholeMapsAreReduced) {
  const auto reduced = [](const std::string& op, bool as_row) {
    OnnxFile net;
    net.whole("row", {0, 0, -1}).weight("w", {3, 2});
    if (as_row) net.node("Reshape", {"image", "row"}, "cells");
    const std::vector<int64_t> axes =
        as_row ? std::vector<int64_t>{-1} : std::vector<int64_t>{-1, 2};
    net.node(op, {as_row ? "cells" : "image"}, "one",
             Attributes().ints("axes", axes).integer("keepdims", 0));
    net.node("MatMul", {"one", "w"}, "scores");
    return onnx::read_network(net.file("scores"), 0).graph.nodes[1];
  };
  for (const bool as_row : {false, true}) {
    EXPECT_EQ(reduced("ReduceMean", as_row).op, Op::adaptive_avg_pool);
    const Node maximum = reduced("ReduceMax", as_row);
    EXPECT_EQ(maximum.op, Op::max_pool);
    EXPECT_EQ(maximum.y.size, 8);
    EXPECT_EQ(maximum.x.size, 8);
  }
}

TEST(OnnxParts, NegIsAFactor) {
  OnnxFile net;
  net.node("Neg", {"image"}, "x");
  net.node("GlobalAveragePool", {"x"}, "mean");
  const onnx::Network read = onnx::read_network(net.file("mean"), 0);
  ASSERT_EQ(read.graph.nodes[1].op, Op::affine);
  EXPECT_EQ(read.layers[1].weight.span()[2], -1);
  EXPECT_EQ(read.layers[1].bias.span()[2], 0);
}

/// Opset 18's Pad names the axes that it pads.
TEST(OnnxParts, PadsMayBeOfSomeAxes) {
  OnnxFile net;
  net.whole("pads", {1, 2, 3, 4}).whole("axes", {-1, 2});
  net.node("Pad", {"image", "pads", "", "axes"}, "p");
  const Graph graph = graph_of(net, "p", 18);
  ASSERT_EQ(graph.nodes[1].op, Op::pad);
  EXPECT_EQ(graph.nodes[1].x.pad, 1);
  EXPECT_EQ(graph.nodes[1].x.pad_end, 3);
  EXPECT_EQ(graph.nodes[1].y.pad, 2);
  EXPECT_EQ(graph.nodes[1].y.pad_end, 4);
  OnnxFile unequal;
  unequal.whole("pads", {1, 2, 3, 4}).whole("axes", {2});
  unequal.node("Pad", {"image", "pads", "", "axes"}, "p");
  expect_line(error_line([&] { graph_of(unequal, "p", 18); }), "as many pads as sides");
}

}  // namespace
}  // namespace hdecomp
