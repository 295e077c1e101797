/// Published architectures are recognised in ONNX files by what their nodes compute.
#include <gtest/gtest.h>

#include "hdecomp/error.h"
#include "nets/builder.h"
#include "nets/layer_names.h"
#include "tests/support/hostile_files.h"
#include "tests/support/slim_models.h"
#include "tests/weights/onnx_bytes.h"
#include "weights/import/import.h"
#include "weights/import/known_network.h"

namespace hdecomp {
namespace {

using namespace file_testing;
using namespace onnx_testing;

constexpr int64_t side = 48;  // pixels

/// SqueezeNet 1.1 with three channels in every squeeze and four in every expansion, ten classes.
NetParams slim_squeezenet() {
  NetParams params = default_params("squeezenet1_1");
  for (size_t i = 0; i < params.widths.size(); ++i) params.widths[i] = i % 3 == 1 ? 3 : 4;
  params.classes = 10;
  params.input_size = side;
  return params;
}

Attributes kernel_of(const Node& node) {
  Attributes attributes;
  attributes.ints("kernel_shape", {node.y.size, node.x.size})
      .ints("strides", {node.y.stride, node.x.stride})
      .ints("pads", {node.y.pad, node.x.pad, node.y.pad_end, node.x.pad_end});
  if (node.rounding == Rounding::up) attributes.integer("ceil_mode", 1);
  return attributes;
}

/// The graph as an exporter writes it, with names that say nothing; sums with their terms in the
/// other order. Its output's name.
std::string as_onnx(const Graph& graph, OnnxFile& net) {
  std::vector<std::string> outputs{"image"};
  for (int i = 1; i <= graph.scores(); ++i) {
    const Node& node = graph.nodes[i];
    std::vector<std::string> inputs;
    for (const int input : node.inputs) inputs.push_back(outputs[input]);
    const std::string name = "t" + std::to_string(i);
    const bool relu = node.activation == Activation::relu;
    const std::string before = (relu ? "before" : "") + name;
    if (node.op == Op::conv) {
      net.weight("w" + name, weight_dims(graph, i)).weight("b" + name, bias_dims(graph, i));
      net.node("Conv", {inputs[0], "w" + name, "b" + name}, before, kernel_of(node));
    } else if (node.op == Op::add) {
      net.node("Add", {inputs[1], inputs[0]}, before);
    } else if (node.op == Op::linear) {
      net.weight("w" + name, weight_dims(graph, i)).weight("b" + name, bias_dims(graph, i));
      net.node("Flatten", inputs, "f" + name);
      net.node("Gemm", {"f" + name, "w" + name, "b" + name}, before,
               Attributes().integer("transB", 1));
    } else if (node.op == Op::max_pool) {
      net.node("MaxPool", inputs, name, kernel_of(node));
    } else if (node.op == Op::concat) {
      net.node("Concat", inputs, name, Attributes().integer("axis", 1));
    } else {
      net.node("GlobalAveragePool", inputs, name);
    }
    if (relu) net.node("Relu", {before}, name);
    outputs.push_back(name);
  }
  net.node("Flatten", {outputs.back()}, "scores");
  return "scores";
}

class KnownNetwork : public testing::Test {
 protected:
  KnownNetwork() : graph_(build_graph(slim_squeezenet())), net_({1, 3, side, side}) {
    output_ = as_onnx(graph_, net_);
  }

  Graph graph_;
  OnnxFile net_;
  std::string output_;
};

TEST_F(KnownNetwork, HasItsFamilysNamesStagesAndTheFilesWeights) {
  const std::string path = net_.file(output_);
  const ModelData model = import_model(path, {});
  EXPECT_EQ(model.params.arch, "squeezenet1_1");
  EXPECT_EQ(model.params.widths, slim_squeezenet().widths);
  EXPECT_EQ(model.params.classes, 10);
  ASSERT_EQ(model.graph.stage_ends.size(), 4u);
  EXPECT_EQ(model.graph.stage_ends[3].name, "fire9");
  EXPECT_NE(model.conversion.assumed.back().find("squeezenet1_1"), std::string::npos);
  ConvertOptions options;
  options.arch = "graph";
  const ModelData plain = import_model(path, options);
  EXPECT_EQ(plain.params.arch, "graph");
  ASSERT_EQ(plain.layers.size(), model.layers.size());
  for (size_t i = 0; i < plain.layers.size(); ++i) {
    EXPECT_TRUE(std::ranges::equal(plain.layers[i].weight.span(), model.layers[i].weight.span()));
  }
}

TEST_F(KnownNetwork, SumsAreTheSameInEitherOrder) {
  NetParams params = testing_models::tiny_params("resnet18");
  params.widths[1] =
      params.widths[0];  // as published: the first block has no convolution beside it
  OnnxFile net({1, 3, params.input_size.height, params.input_size.width});
  const ModelData model = import_model(net.file(as_onnx(build_graph(params), net)), {});
  EXPECT_EQ(model.params.arch, "resnet18");
  EXPECT_EQ(model.params.widths, params.widths);
}

/// With a convolution beside the first block where the stem's width asks for one, and without.
TEST_F(KnownNetwork, AStemOfAnyWidthIsTheSameArchitecture) {
  for (const char* arch : {"resnet18", "resnet50", "cifar_resnet20"}) {
    for (const bool alike : {false, true}) {
      NetParams params = testing_models::tiny_params(arch);
      const int64_t expansion = std::string(arch) == "resnet50" ? 4 : 1;
      params.widths[0] = alike ? params.widths[1] * expansion : 6;
      OnnxFile net({1, 3, 64, 64});
      const ModelData model = import_model(net.file(as_onnx(build_graph(params), net)), {});
      EXPECT_EQ(model.params.arch, arch) << alike;
      EXPECT_EQ(model.params.widths, params.widths) << arch;
    }
  }
}

/// A convolution beside the first block though its input has as many channels: Keras's basic
/// blocks. No family has it.
TEST_F(KnownNetwork, AShortcutThatIsNotNeededIsAnotherNetwork) {
  NetParams params = testing_models::tiny_params("resnet18");
  params.widths[0] = params.widths[1] + 1;
  Graph graph = build_graph(params);
  graph.nodes[find_layer(graph, "conv1")].out_channels = params.widths[1];
  infer_shapes(graph, graph.shapes[0]);
  EXPECT_FALSE(known_network(graph));
}

TEST_F(KnownNetwork, ARectangleIsRecognised) {
  NetParams params = slim_squeezenet();
  params.input_size = {40, 72};
  OnnxFile net({1, 3, 40, 72});
  const ModelData model = import_model(net.file(as_onnx(build_graph(params), net)), {});
  EXPECT_EQ(model.params.arch, "squeezenet1_1");
  EXPECT_EQ(model.params.input_size, PixelSize(40, 72));
  EXPECT_EQ(model.graph.shapes, build_graph(params).shapes);
}

/// Concatenations of all tensors, as exporters write those of a dense block and those within
/// another.
Graph joined_at_once(const Graph& graph) {
  Graph file = graph;
  std::vector<int> place{0};
  file.nodes.resize(1);
  std::vector<std::vector<int>> parts(graph.nodes.size());
  const auto is_read_by_another_alone = [&](int node) {
    for (const Node& reader : graph.nodes) {
      const bool reads = std::ranges::find(reader.inputs, node) != reader.inputs.end();
      if (reads && reader.op != Op::concat) return false;
    }
    return true;
  };
  for (int i = 1; i <= graph.scores(); ++i) {
    Node node = graph.nodes[i];
    for (const int input : node.inputs) {
      const bool join = node.op == Op::concat && graph.nodes[input].op == Op::concat;
      const std::vector<int> tensors = join ? parts[input] : std::vector<int>{input};
      parts[i].insert(parts[i].end(), tensors.begin(), tensors.end());
    }
    place.push_back(static_cast<int>(file.nodes.size()));
    if (node.op == Op::concat && is_read_by_another_alone(i)) continue;
    node.inputs.clear();
    for (const int input : parts[i]) node.inputs.push_back(place[input]);
    file.nodes.push_back(node);
  }
  infer_shapes(file, graph.shapes[0]);
  return file;
}

TEST(KnownNetworks, ConcatenationsWithinOthersAreTheSameNetwork) {
  for (const char* arch : {"densenet121", "inception_v3"}) {
    NetParams params = testing_models::tiny_params(arch);
    params.input_size = 96;
    const Graph graph = build_graph(params);
    const Graph file = joined_at_once(graph);
    const auto known = known_network(file);
    ASSERT_TRUE(known) << arch;
    EXPECT_EQ(known->params.arch, arch);
    EXPECT_EQ(known->params.widths, params.widths);
    for (int i = 0; i <= graph.scores(); ++i) {
      if (!has_weights(graph.nodes[i])) continue;
      EXPECT_EQ(file.nodes[known->nodes[i]].name, graph.nodes[i].name);
    }
    Graph other = file;
    for (Node& node : other.nodes) {
      if (node.op == Op::concat) std::swap(node.inputs[0], node.inputs[1]);
    }
    infer_shapes(other, graph.shapes[0]);
    EXPECT_FALSE(known_network(other)) << arch;
  }
}

/// Each joins the one before twice: 2^18 tensors, of which no more are listed than are compared.
TEST(KnownNetworks, ConcatenationsThatGrowAreNotFollowed) {
  GraphBuilder net("graph");
  int top = net.conv(0, "first", 1, {1, 1, 0}, Activation::relu, {});
  for (int i = 0; i < 18; ++i) top = net.concat({top, top}, joined("c", i), {});
  top = net.adaptive_avg_pool(top, "pool", 1, {});
  net.linear(top, "scores", 2, Activation::none, {});
  Graph graph = net.take();
  infer_shapes(graph, {3, 64, 64});
  const int last = find_layer(graph, "c17");
  EXPECT_EQ(concatenated(graph, find_layer(graph, "c1"), 100).size(), 4u);
  EXPECT_EQ(concatenated(graph, last, 100).size(), 101u);
  EXPECT_FALSE(known_network(graph));
}

TEST_F(KnownNetwork, OneOtherStrideIsAnotherNetwork) {
  Graph other = graph_;
  Node& last = *(other.nodes.end() - 2);  // conv10
  last.y.pad = last.y.pad_end = last.x.pad = last.x.pad_end = 1;
  OnnxFile net({1, 3, side, side});
  EXPECT_EQ(import_model(net.file(as_onnx(other, net)), {}).params.arch, "graph");
}

TEST_F(KnownNetwork, AnotherArchitectureCannotBeClaimed) {
  ConvertOptions options;
  options.arch = "vgg16";
  const std::string line = error_line([&] { import_model(net_.file(output_), options); });
  expect_line(line, "--arch graph");
}

}  // namespace
}  // namespace hdecomp
