/// Published architectures are recognised in ONNX files by what their nodes compute.
#include <gtest/gtest.h>

#include "nets/layer_names.h"
#include "tests/support/hostile_files.h"
#include "tests/weights/onnx_bytes.h"
#include "weights/import/import.h"

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

/// The graph as an exporter writes it, with names that say nothing; `last` is its output.
std::string as_onnx(const Graph& graph, OnnxFile& net) {
  std::vector<std::string> outputs{"image"};
  for (int i = 1; i <= graph.scores(); ++i) {
    const Node& node = graph.nodes[i];
    std::vector<std::string> inputs;
    for (const int input : node.inputs) inputs.push_back(outputs[input]);
    const std::string name = "t" + std::to_string(i);
    if (node.op == Op::conv) {
      net.weight("w" + name, weight_dims(graph, i)).weight("b" + name, bias_dims(graph, i));
      net.node("Conv", {inputs[0], "w" + name, "b" + name}, "c" + name, kernel_of(node));
      net.node("Relu", {"c" + name}, name);
    } else if (node.op == Op::max_pool) {
      net.node("MaxPool", inputs, name, kernel_of(node));
    } else if (node.op == Op::concat) {
      net.node("Concat", inputs, name, Attributes().integer("axis", 1));
    } else {
      net.node("GlobalAveragePool", inputs, name);
    }
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
