/// What the ONNX reader makes of ops that move cells, and what of them it refuses.
#include <gtest/gtest.h>

#include <cmath>

#include "nets/op_traits.h"
#include "tests/weights/onnx_bytes.h"
#include "weights/onnx/network.h"

namespace hdecomp {
namespace {

using namespace file_testing;
using namespace onnx_testing;

onnx::Network read_map(OnnxFile& net, const std::string& map, int64_t opset = 13) {
  net.node("GlobalAveragePool", {map}, "mean");
  return onnx::read_network(net.file("mean", opset), 0);
}
std::string refused_with(OnnxFile& net, const std::string& map, int64_t opset = 13) {
  return error_line([&] { read_map(net, map, opset); });
}
/// Without the image and the mean.
std::vector<std::string> op_names(const onnx::Network& read) {
  std::vector<std::string> names;
  for (size_t i = 1; i + 1 < read.graph.nodes.size(); ++i)
    names.emplace_back(traits(read.graph.nodes[i].op).name);
  return names;
}
using OpNames = std::vector<std::string>;

/// Of the image, 3 x 8 x 8, to `sizes`.
OnnxFile resized(const std::vector<int64_t>& sizes, const Attributes& attributes) {
  OnnxFile net;
  net.whole("sizes", sizes).node("Resize", {"image", "", "", "sizes"}, "y", attributes);
  return net;
}

TEST(OnnxPlaces, MapsBecomeWholeNumbersOfTimesAsLargeOrSmall) {
  OnnxFile twice = resized({1, 3, 16, 8}, {}),
           thrice = resized({1, 3, 8, 24}, Attributes().text("mode", "linear")),
           between = resized({1, 3, 16, 16}, Attributes().text("mode", "linear")),
           half = resized({1, 3, 4, 4}, Attributes().text("mode", "linear")),
           same = resized({1, 3, 8, 8}, {});
  const onnx::Network large = read_map(twice, "y");
  ASSERT_EQ(op_names(large), OpNames{"gather"});
  EXPECT_EQ(large.graph.nodes[1].y, (KernelAxis{16, 1, 0, 0, 2}));
  EXPECT_EQ(large.graph.nodes[1].x, (KernelAxis{8, 1, 0, 0, 1}));
  EXPECT_EQ(op_names(read_map(thrice, "y")), (OpNames{"gather", "avg_pool"}));
  EXPECT_EQ(op_names(read_map(between, "y")), (OpNames{"gather", "avg_pool", "avg_pool"}));
  EXPECT_EQ(op_names(read_map(half, "y")), OpNames{"avg_pool"});
  EXPECT_EQ(op_names(read_map(same, "y")), OpNames{});
}

TEST(OnnxPlaces, OtherResizesAreRefused) {
  const auto line = [](const std::vector<int64_t>& sizes, const Attributes& attributes) {
    OnnxFile net = resized(sizes, attributes);
    return refused_with(net, "y");
  };
  expect_line(line({1, 3, 12, 8}, {}), "a resize of 8 cells to 12");
  expect_line(line({1, 6, 8, 8}, {}), "a resize of other than height and width");
  expect_line(line({1, 3, 16}, {}), "as many scales or sizes as axes");
  expect_line(line({1, 3, 0, 8}, {}), "an extent that is none");
  expect_line(line({1, 3, 16, 16}, Attributes().text("mode", "cubic")),
              "mode cubic; nearest and linear");
  const Attributes corners = Attributes().text("coordinate_transformation_mode", "align_corners");
  expect_line(line({1, 3, 16, 16}, corners), "positions by align_corners; half_pixel");
  expect_line(line({1, 3, 16, 16}, Attributes().text("nearest_mode", "ceil")),
              "nearest_mode ceil at positions");
}

TEST(OnnxPlaces, BlocksThatDoNotFitAreRefused) {
  OnnxFile odd, channels, none;
  odd.node("SpaceToDepth", {"image"}, "y", Attributes().integer("blocksize", 3));
  expect_line(refused_with(odd, "y"), "blocks of 3x3 do not divide a map of 8x8");
  channels.node("DepthToSpace", {"image"}, "y", Attributes().integer("blocksize", 2));
  expect_line(refused_with(channels, "y"), "blocks of 2x2 of 3 channels");
  none.node("SpaceToDepth", {"image"}, "y");
  expect_line(refused_with(none, "y"), "a block of 0");
  OnnxFile turned;
  turned.node("Transpose", {"image"}, "y", Attributes().ints("perm", {0, 1, 3, 2}));
  expect_line(refused_with(turned, "y"), "and blocks of the map as channels");
}

TEST(OnnxPlaces, TransposedConvolutionsWhoseBlocksDoNotOverlap) {
  OnnxFile net, over;
  const auto of = [](OnnxFile& file, const std::vector<int64_t>& strides) {
    file.weight("w", {3, 5, 2, 3});
    file.node("ConvTranspose", {"image", "w"}, "y", Attributes().ints("strides", strides));
  };
  of(net, {2, 3});
  const onnx::Network read = read_map(net, "y");
  ASSERT_EQ(op_names(read), (OpNames{"conv", "depth_to_space"}));
  EXPECT_EQ(read.graph.shapes[2], (FeatureShape{5, 16, 24}));
  of(over, {1, 3});
  expect_line(refused_with(over, "y"), "a kernel other than its stride");
}

TEST(OnnxPlaces, ConstantsOfNoMapAreRefused) {
  OnnxFile large, beside, alone;
  large.weight("w", {1, 3, 8, 8}).node("GlobalAveragePool", {"image"}, "p");
  large.node("Mul", {"p", "w"}, "y");
  expect_line(refused_with(large, "y"), "a constant that is larger than its feature");
  beside.weight("w", {1, 2, 4, 8})
      .node("Concat", {"image", "w"}, "y", Attributes().integer("axis", 1));
  expect_line(refused_with(beside, "y"), "inputs that differ on another axis");
  alone.node("Softmax", {"image"}, "y", Attributes().integer("axis", 1));
  expect_line(refused_with(alone, "y", 11), "over several axes");
}

/// Rows stay rows where they could be channels, too.
TEST(OnnxPlaces, RowsOfASingleChannelAreConcatenated) {
  OnnxFile net;
  net.whole("0", {0}).node("Gather", {"image", "0"}, "one", Attributes().integer("axis", 1));
  net.node("Concat", {"one", "one"}, "y", Attributes().integer("axis", 2));
  const onnx::Network read = read_map(net, "y");
  EXPECT_EQ(read.graph.shapes[read.graph.shapes.size() - 2], (FeatureShape{1, 16, 8}));
}

/// Constants without numbers, or that would be very many.
TEST(OnnxPlaces, HostileConstantsAreRefused) {
  const auto with_pads = [](const std::string& op, const std::vector<std::string>& inputs,
                            const Attributes& attributes = {}) {
    OnnxFile net;
    constexpr int64_t huge = int64_t{1} << 15;
    net.tensor("none", {huge, huge, 0, huge}, 1, "")
        .whole("0", {0})
        .whole("many", {1 << 20, 1 << 10});
    net.whole("start", {INT64_MAX - 5000}).whole("end", {INT64_MAX}).whole("step", {1});
    net.real("one", 1).whole("mixed", {0, INT64_MAX, -1, 0});
    net.node(op, inputs, "c", attributes).node("Pad", {"image", "c"}, "y");
    return refused_with(net, "y");
  };
  expect_line(with_pads("Gather", {"none", "0"}, Attributes().integer("axis", 2)),
              "no list of numbers");
  expect_line(with_pads("ReduceMean", {"none"}), "of no numbers");
  expect_line(with_pads("Add", {"none", "one"}), "node 'node_c'");
  expect_line(with_pads("Expand", {"one", "many"}), "far more than a file of this size holds");
  expect_line(with_pads("Expand", {"one", "mixed"}), "node 'node_c'");
  expect_line(with_pads("Range", {"start", "end", "step"}), "node 'node_");
  expect_line(with_pads("Range", {"0", "end", "step"}), "Range without an end");
  expect_line(with_pads("Range", {"0", "end", "0"}), "Range without an end");
}

TEST(OnnxPlaces, HostileMapsAreRefused) {
  const auto line = [](const std::string& op, const std::vector<std::string>& inputs,
                       const Attributes& attributes = {}) {
    OnnxFile net;
    net.whole("much", {1, 1, 1 << 20, 1 << 20}).whole("channels", {1, 1 << 19, 1, 1});
    net.whole("far", {0, 0, 1 << 14, 1 << 14, 0, 0, 0, 0}).real("one", 1);
    net.tensor("w", {0, 1 << 30, 1 << 30, 4}, 1, "");
    net.node(op, inputs, "y", attributes);
    return refused_with(net, "y");
  };
  expect_line(line("Tile", {"image", "much"}), "node 'node_y'");
  expect_line(line("Tile", {"image", "channels"}), "channels 524288 times");
  expect_line(line("Resize", {"image", "", "", "much"}), "node 'node_y'");
  expect_line(line("Pad", {"image", "far", "one"}), "far more than a file of this size holds");
  expect_line(line("ConvTranspose", {"image", "w"}), "node 'node_y'");
  expect_line(line("Softmax", {"image"}, Attributes().integer("axis", INT64_MIN)), "node 'node_y'");
}

TEST(OnnxPlaces, EinsteinsSumsOverTheChannels) {
  const auto net_of = [](const std::string& equation) {
    OnnxFile net;
    net.weight("w", {4, 3});
    net.node("Einsum", {"image", "w"}, "y", Attributes().text("equation", equation));
    return net;
  };
  OnnxFile right = net_of("bchw, kc -> bkhw"), cells = net_of("bchw,kh->bckw"),
           last = net_of("bchw,kc->bhwk");
  const onnx::Network read = read_map(right, "y");
  ASSERT_EQ(op_names(read), OpNames{"conv"});
  EXPECT_EQ(read.graph.nodes[1].out_channels, 4);
  expect_line(refused_with(cells, "y"), "of other than the channels of every cell with a matrix");
  expect_line(refused_with(last, "y"), "of other than the channels of every cell with a matrix");
}

/// The scores are those before the class is chosen.
TEST(OnnxPlaces, AFinalChoiceIsLeftOut) {
  OnnxFile net = small_net();
  net.node("Softmax", {"s"}, "shares", Attributes().integer("axis", 1));
  net.node("ArgMax", {"shares"}, "class", Attributes().integer("axis", 1));
  const onnx::Network read = onnx::read_network(net.file("class"), 0);
  EXPECT_EQ(read.graph.shapes.back(), (FeatureShape{3, 1, 1}));
  ASSERT_EQ(read.said.size(), 2u);
  EXPECT_NE(read.said[0].find("the final ArgMax is left out"), std::string::npos);
  EXPECT_NE(read.said[1].find("the final Softmax is left out"), std::string::npos);
}

}  // namespace
}  // namespace hdecomp
