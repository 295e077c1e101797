/// Single rules of the ONNX reader: what exporters write, and which node with which numbers it
/// becomes.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "tests/weights/onnx_bytes.h"
#include "weights/onnx/network.h"

namespace hdecomp {
namespace {

using namespace file_testing;
using namespace onnx_testing;

onnx::Network network(const OnnxFile& net, const std::string& output) {
  return onnx::read_network(net.file(output), 0);
}

/// The ops behind the image, without the mean of the map that ends the networks here.
std::vector<Op> ops(const onnx::Network& net) {
  std::vector<Op> list;
  for (const Node& node : net.graph.nodes) list.push_back(node.op);
  EXPECT_EQ(list.front(), Op::input);
  list.erase(list.begin());
  if (list.back() == Op::adaptive_avg_pool) list.pop_back();
  return list;
}

/// A classifier that ends in the mean of a map.
onnx::Network network_of_map(OnnxFile& net, const std::string& map) {
  net.node("GlobalAveragePool", {map}, "mean");
  return network(net, "mean");
}

std::string refusal_of_map(OnnxFile& net, const std::string& map) {
  net.node("GlobalAveragePool", {map}, "mean");
  const std::string path = net.file("mean");
  return error_line([&] { onnx::read_network(path, 0); });
}

std::vector<float> floats(const Tensor& tensor) {
  return {tensor.span().begin(), tensor.span().end()};
}

TEST(OnnxRules, WeightsOfBytesAreDequantizedPerChannel) {
  OnnxFile net;
  net.tensor("q", {2, 3, 1, 1}, 3, message(9, std::string{1, 2, 3, -128, 127, 0}));
  net.tensor("scale", {2}, 1, message(4, std::string("\0\0\0\x3f\0\0\0\x40", 8)));  // 0.5, 2
  net.tensor("zero", {2}, 3, message(9, std::string{1, -1}));
  net.node("DequantizeLinear", {"q", "scale", "zero"}, "w", Attributes().integer("axis", 0));
  net.node("Conv", {"image", "w"}, "c");
  const onnx::Network read = network_of_map(net, "c");
  EXPECT_EQ(floats(read.layers[1].weight), (std::vector<float>{0, 0.5, 1, -254, 256, 2}));
}

/// Of 2 x 2 pixels: columns come in the order (h, w, c).
TEST(OnnxRules, AProductBehindChannelsLastReadsItsColumnsInTheirOrder) {
  OnnxFile net({1, 2, 2, 3});
  net.weight("w", {1, 12}).whole("flat", {1, -1});
  net.node("Transpose", {"image"}, "nchw", Attributes().ints("perm", {0, 3, 1, 2}));
  net.node("Relu", {"nchw"}, "r");
  net.node("Transpose", {"r"}, "nhwc", Attributes().ints("perm", {0, 2, 3, 1}));
  net.node("Reshape", {"nhwc", "flat"}, "f");
  net.node("Gemm", {"f", "w"}, "s", Attributes().integer("transB", 1));
  const onnx::Network read = network(net, "s");
  EXPECT_EQ(read.graph.shapes[0], (FeatureShape{3, 2, 2}));
  OnnxFile plain({1, 3, 2, 2});
  plain.weight("w", {1, 12});
  plain.node("Relu", {"image"}, "r").node("Flatten", {"r"}, "f");
  plain.node("Gemm", {"f", "w"}, "s", Attributes().integer("transB", 1));
  const std::vector<float> last = floats(read.layers.back().weight),
                           w = floats(network(plain, "s").layers.back().weight);
  for (int c = 0; c < 3; ++c) {
    for (int cell = 0; cell < 4; ++cell) EXPECT_EQ(last[c * 4 + cell], w[cell * 3 + c]);
  }
}

TEST(OnnxRules, ASplitBecomesSlices) {
  OnnxFile net;
  net.weight("w", {5, 3, 1, 1}).whole("sizes", {2, 3});
  net.node("Conv", {"image", "w"}, "c");
  net.split("c", "sizes", {"a", "b"});
  net.node("GlobalAveragePool", {"b"}, "mean");
  const onnx::Network read = network(net, "mean");
  ASSERT_EQ(ops(read), (std::vector{Op::conv, Op::slice}));
  EXPECT_EQ(read.graph.nodes[2].first_channel, 2);
  EXPECT_EQ(read.graph.nodes[2].out_channels, 3);
}

/// PyTorch writes one where a dense block begins.
TEST(OnnxRules, AConcatenationOfOneTensorIsNoNode) {
  OnnxFile net;
  net.weight("w", {4, 3, 1, 1});
  net.node("Conv", {"image", "w"}, "c");
  net.node("Concat", {"c"}, "one", Attributes().integer("axis", 1));
  net.node("Concat", {"one", "c"}, "two", Attributes().integer("axis", 1));
  const onnx::Network read = network_of_map(net, "two");
  EXPECT_EQ(ops(read), (std::vector<Op>{Op::conv, Op::concat}));
  EXPECT_EQ(read.graph.nodes[2].inputs, (std::vector<int>{1, 1}));
}

/// x / 2 (1 + erf(x / sqrt 2)), the half at three places; by tanh it stays what it is spelt with.
TEST(OnnxRules, GeluInItsSpellings) {
  for (const int half : {0, 1, 2}) {
    OnnxFile net;
    net.real("root", 1.41421356f).real("1", 1).real("half", 0.5f).weight("w", {2, 3, 1, 1});
    net.node("Conv", {"image", "w"}, "x").node("Div", {"x", "root"}, "scaled");
    net.node("Erf", {"scaled"}, "erf").node("Add", {"erf", "1"}, "share");
    if (half == 0) net.node("Mul", {"x", "share"}, "p").node("Mul", {"p", "half"}, "y");
    if (half == 1) net.node("Mul", {"share", "half"}, "p").node("Mul", {"x", "p"}, "y");
    if (half == 2) net.node("Mul", {"x", "half"}, "p").node("Mul", {"p", "share"}, "y");
    const onnx::Network read = network_of_map(net, "y");
    ASSERT_EQ(ops(read), (std::vector{Op::conv, Op::activation})) << half;
    EXPECT_EQ(read.graph.nodes[2].function.function, Function::gelu);
  }
  OnnxFile net;
  net.weight("w", {2, 3, 1, 1}).node("Conv", {"image", "w"}, "x");
  net.node("Gelu", {"x"}, "y", Attributes().text("approximate", "tanh"));
  EXPECT_EQ(network_of_map(net, "y").graph.nodes[2].function.function, Function::gelu_tanh);
}

/// x sigmoid(alpha x) is SiLU for an alpha of 1 alone.
TEST(OnnxRules, ASwishIsASiluWhereItsAlphaIsOne) {
  const auto swish = [](float alpha) {
    OnnxFile net;
    net.weight("w", {2, 3, 1, 1}).node("Conv", {"image", "w"}, "x");
    net.node("Swish", {"x"}, "y", Attributes().real("alpha", alpha));
    return net;
  };
  OnnxFile one = swish(1), two = swish(2);
  EXPECT_EQ(network_of_map(one, "y").graph.nodes[2].function.function, Function::silu);
  EXPECT_NE(refusal_of_map(two, "y").find("an alpha other than 1"), std::string::npos);
}

/// Where a net leaves the formula of a layer norm, of channels that come last.
struct LayerNormForm {
  bool mean_first = false, root_first = false, variance_kept = true;
  float power = 2;
};

OnnxFile layer_norm_of(const LayerNormForm& form) {
  OnnxFile net;
  net.weight("w", {4, 3, 1, 1}).real("two", form.power).real("epsilon", 1e-6f).weight("g", {4});
  net.node("Conv", {"image", "w"}, "c");
  net.node("Transpose", {"c"}, "x", Attributes().ints("perm", {0, 2, 3, 1}));
  const Attributes last = Attributes().ints("axes", {-1});
  Attributes kept = last;
  if (!form.variance_kept) kept.integer("keepdims", 0);
  net.node("ReduceMean", {"x"}, "m", last);
  form.mean_first ? net.node("Sub", {"m", "x"}, "d") : net.node("Sub", {"x", "m"}, "d");
  net.node("Pow", {"d", "two"}, "d2").node("ReduceMean", {"d2"}, "v", kept);
  net.node("Add", {"v", "epsilon"}, "ve").node("Sqrt", {"ve"}, "s");
  form.root_first ? net.node("Div", {"s", "d"}, "z") : net.node("Div", {"d", "s"}, "z");
  net.node("Mul", {"z", "g"}, "zg");
  net.node("Transpose", {"zg"}, "y", Attributes().ints("perm", {0, 3, 1, 2}));
  return net;
}

/// (x - mean) / sqrt(mean((x - mean)^2) + epsilon).
TEST(OnnxRules, LayerNormSpeltOut) {
  OnnxFile net = layer_norm_of({});
  const onnx::Network read = network_of_map(net, "y");
  ASSERT_EQ(ops(read), (std::vector{Op::conv, Op::layer_norm}));
  EXPECT_EQ(read.graph.nodes[2].epsilon, 1e-6f);
}

/// ONNX Runtime 1.30 makes a layer norm of the first three as well
/// (findings/onnxruntime_takes_for_layer_norm.sh).
TEST(OnnxRules, WhatOnlyResemblesALayerNormIsNone) {
  for (const LayerNormForm& form : {LayerNormForm{.mean_first = true}, LayerNormForm{.power = 4},
                                    LayerNormForm{.root_first = true}}) {
    OnnxFile net = layer_norm_of(form);
    const std::vector<Op> all = ops(network_of_map(net, "y"));
    EXPECT_EQ(std::ranges::count(all, Op::layer_norm), 0);
    EXPECT_EQ(std::ranges::count(all, Op::sub), 1);
  }
  OnnxFile net = layer_norm_of({.variance_kept = false});  // a row for each column
  EXPECT_NE(refusal_of_map(net, "y").find("two features of unequal layout"), std::string::npos);
}

TEST(OnnxRules, SamePaddingPutsTheOddCellWhereItsNameSays) {
  for (const bool upper : {true, false}) {
    OnnxFile net;
    net.weight("w", {4, 3, 3, 3});
    net.node(
        "Conv", {"image", "w"}, "c",
        Attributes().ints("strides", {2, 2}).text("auto_pad", upper ? "SAME_UPPER" : "SAME_LOWER"));
    const Node conv = network_of_map(net, "c").graph.nodes[1];
    EXPECT_EQ(conv.y.pad, upper ? 0 : 1);
    EXPECT_EQ(conv.y.pad_end, upper ? 1 : 0);
    EXPECT_EQ(conv.x.pad, conv.y.pad);
  }
}

/// Old files list all weights among the inputs.
TEST(OnnxRules, TheImageIsTheInputWithoutAnInitialiser) {
  OnnxFile net;
  net.input("w").weight("w", {4, 3, 3, 3}).node("Conv", {"image", "w"}, "c");
  EXPECT_EQ(ops(network_of_map(net, "c")), std::vector{Op::conv});
}

TEST(OnnxRules, MeansOverPaddingCountItWhereTheFileSaysSo) {
  const Attributes window = Attributes().ints("kernel_shape", {3, 3});
  OnnxFile padded;
  padded.whole("pads", {0, 0, 1, 1, 0, 0, 1, 1}).node("Pad", {"image", "pads"}, "p");
  padded.node("AveragePool", {"p"}, "a", window);
  const onnx::Network read = network_of_map(padded, "a");
  ASSERT_EQ(ops(read), std::vector{Op::avg_pool});
  EXPECT_EQ(read.graph.nodes[1].y.pad, 1);
  EXPECT_TRUE(read.graph.nodes[1].count_padding);
  for (const int counted : {0, 1}) {
    OnnxFile net;
    Attributes all = window;
    all.ints("pads", {1, 1, 1, 1}).integer("count_include_pad", counted);
    net.node("AveragePool", {"image"}, "a", all);
    EXPECT_EQ(network_of_map(net, "a").graph.nodes[1].count_padding, counted == 1);
  }
}

/// Zeros beside values below 0 are the largest there; a pool's own padding never is. (ONNX Runtime
/// 1.30 makes the one of the other: findings/onnxruntime_pad_before_max_pool.sh.)
TEST(OnnxRules, ZerosBeforeAMaximumStayZeros) {
  OnnxFile net;
  net.whole("pads", {0, 0, 1, 1, 0, 0, 1, 1}).node("Pad", {"image", "pads"}, "p");
  net.node("MaxPool", {"p"}, "m", Attributes().ints("kernel_shape", {3, 3}));
  const onnx::Network read = network_of_map(net, "m");
  ASSERT_EQ(ops(read), (std::vector{Op::pad, Op::max_pool}));
  EXPECT_EQ(read.graph.nodes[2].y.pad, 0);
  EXPECT_EQ(read.graph.nodes[2].y.pad_end, 0);
}

TEST(OnnxRules, PaddingOtherThanZeros) {
  OnnxFile wrapped, one, none, unknown;
  for (OnnxFile* net : {&wrapped, &one, &none, &unknown})
    net->whole("pads", {0, 0, 1, 2, 0, 0, 3, 4});
  wrapped.node("Pad", {"image", "pads"}, "p", Attributes().text("mode", "wrap"));
  const onnx::Network round = network_of_map(wrapped, "p");
  ASSERT_EQ(ops(round), std::vector{Op::gather});
  EXPECT_EQ(round.graph.nodes[1].y, (KernelAxis{12, 1, 1, 0, 1}));
  EXPECT_EQ(round.graph.nodes[1].x, (KernelAxis{14, 1, 2, 0, 1}));
  one.real("one", 1).node("Pad", {"image", "pads", "one"}, "p");
  EXPECT_EQ(ops(network_of_map(one, "p")), (std::vector{Op::pad, Op::affine_map}));
  none.real("none", -INFINITY).node("Pad", {"image", "pads", "none"}, "p");
  expect_line(refusal_of_map(none, "p"), "padding with -inf");
  unknown.node("Pad", {"image", "pads"}, "p", Attributes().text("mode", "mirror"));
  expect_line(refusal_of_map(unknown, "p"), "mode mirror; constant, reflect, edge and wrap");
}

/// As a .pth's: the epsilon is 1e-5 in double precision, whatever a float makes of it.
TEST(OnnxRules, ABatchNormIsFoldedWithTheEpsilonThatWasMeant) {
  OnnxFile net;
  net.tensor("w", {1, 3, 1, 1}, 1,
             message(4, std::string("\0\0\x80\x3f\0\0\x80\x3f\0\0\x80\x3f", 12)));
  net.real("0", 0).real("1", 1);
  net.node("Conv", {"image", "w"}, "c").node("BatchNormalization", {"c", "1", "0", "0", "0"}, "n");
  // In float32 316.22775; of the float that is nearest to 1e-5 it would be 316.22778.
  const onnx::Network read = network_of_map(net, "n");
  EXPECT_EQ(read.layers[1].weight.data()[0], static_cast<float>(1 / std::sqrt(1e-5)));
}

/// ONNX's window begins (size - 1) / 2 channels before; PyTorch's size / 2.
TEST(OnnxRules, ResponseNormOfEvenSize) {
  OnnxFile net;
  net.weight("w", {6, 3, 1, 1}).node("Conv", {"image", "w"}, "c");
  net.node("LRN", {"c"}, "n", Attributes().integer("size", 4));
  EXPECT_EQ(network_of_map(net, "n").graph.nodes[2].lrn.before, 1);
}

TEST(OnnxRules, SlopesBelongToChannelsAndAreNotTakenForThoseOfColumns) {
  const auto with_slope = [](const std::vector<int64_t>& dims, int64_t channels) {
    OnnxFile net;  // a map of 8 x 8
    net.weight("w", {channels, 3, 1, 1}).weight("slope", dims);
    net.node("Conv", {"image", "w"}, "c").node("PRelu", {"c", "slope"}, "p");
    return net;
  };
  OnnxFile usual = with_slope({8, 1, 1}, 8), list = with_slope({5}, 5),
           columns = with_slope({8}, 8);
  EXPECT_EQ(ops(network_of_map(usual, "p")), (std::vector{Op::conv, Op::prelu}));
  EXPECT_EQ(ops(network_of_map(list, "p")), (std::vector{Op::conv, Op::prelu}));
  expect_line(refusal_of_map(columns, "p"), "a slope that differs over the map");
}

}  // namespace
}  // namespace hdecomp
