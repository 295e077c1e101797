/// Layers by the names that libraries and people give them.
#include "nets/layer_names.h"

#include <gtest/gtest.h>

#include "nets/builder.h"
#include "nets/family.h"
#include "tests/support/hostile_files.h"

namespace hdecomp {
namespace {

Graph named_graph(const std::string& arch) { return build_graph(default_params(arch)); }

/// The one line of the UserError that `call` throws; "" if it throws none.
template <class Call>
std::string error_of(Call&& call) {
  return file_testing::line_if_refused([&] { call(); });
}

bool has_part(const std::string& whole, const std::string& part) {
  return whole.find(part) != std::string::npos;
}

TEST(LayerNamesTest, AllDialectsAreFound) {
  struct Case {
    const char *arch, *name, *node;
  };
  for (const auto& [arch, name, node] : std::initializer_list<Case>{
           {"vgg16", "conv5_3", "conv5_3"},
           {"vgg16", "features.28", "conv5_3"},
           {"vgg16", "features.29", "conv5_3"},
           {"vgg16", "features.30", "pool5"},
           {"vgg16", "features.0", "conv1_1"},
           {"vgg16", "block5_conv3", "conv5_3"},
           {"vgg16", "block5_pool", "pool5"},
           {"vgg16", "fc1", "fc6"},
           {"vgg16", "fc2", "fc7"},
           {"vgg16", "classifier.3", "fc7"},
           {"vgg16", "predictions", "fc8"},
           {"vgg16", "scores", "fc8"},
           {"vgg16_bn", "features.40", "conv5_3"},
           {"vgg16_bn", "features.41", "conv5_3"},
           {"vgg16_bn", "features.42", "conv5_3"},
           {"vgg19", "features.34", "conv5_4"},
           {"alexnet", "features.10", "conv5"},
           {"alexnet", "features.11", "conv5"},
           {"alexnet", "features.12", "pool5"},
           {"alexnet", "classifier.1", "fc6"},
           {"alexnet", "classifier.6", "fc8"},
           {"resnet50", "layer3.2.conv2", "layer3.2.conv2"},
           {"resnet50", "layer3", "layer3.5"},
           {"resnet50", "layer3.5", "layer3.5"},
           {"resnet50", "layer2.0.downsample.0", "layer2.0.downsample"},
           {"resnet50", "bn1", "conv1"},
           {"resnet50", "conv1_relu", "conv1"},
           {"resnet50", "conv4_block3_2_conv", "layer3.2.conv2"},
           {"resnet50", "conv4_block3_2_relu", "layer3.2.conv2"},
           {"resnet50", "conv2_block1_0_conv", "layer1.0.downsample"},
           {"resnet50", "conv4_block6_out", "layer3.5"},
           {"resnet50", "scores", "fc"},
           {"squeezenet1_0", "features.12", "fire9"},
           {"squeezenet1_1", "features.12", "fire9"},
           {"squeezenet1_1", "features.7.squeeze", "fire5.squeeze"},
           {"squeezenet1_1", "features.7.expand3x3_activation", "fire5.expand3x3"},
           {"squeezenet1_1", "features.8", "pool3"},
           {"squeezenet1_1", "classifier.1", "conv10"},
           {"squeezenet1_1", "scores", "avgpool"}}) {
    SCOPED_TRACE(joined(arch, " ", name));
    const Graph graph = named_graph(arch);
    EXPECT_EQ(graph.nodes[find_layer(graph, name)].name, node);
  }
}

TEST(LayerNamesTest, ResultsUseStageNames) {
  const Graph graph = named_graph("resnet50");
  const auto label = [&](const char* name) { return layer_label(graph, find_layer(graph, name)); };
  EXPECT_EQ(label("layer3.5"), "layer3");
  EXPECT_EQ(label("layer3.4"), "layer3.4");
  EXPECT_EQ(label("fc"), "scores");
  EXPECT_EQ(label("conv1_relu"), "conv1");
}

TEST(LayerNamesTest, AnUnknownNameSuggestsTheNearest) {
  const auto fault = [](const char* arch, const std::string& name) {
    const Graph graph = named_graph(arch);
    return error_of([&] { find_layer(graph, name); });
  };
  EXPECT_TRUE(has_part(fault("vgg16", "conv5-3"), "did you mean 'conv5_3'?"));
  EXPECT_TRUE(has_part(fault("vgg16", "Conv5_3"), "did you mean 'conv5_3'?"));
  EXPECT_TRUE(has_part(fault("vgg16", "blok5_conv3"), "did you mean 'block5_conv3'?"));
  EXPECT_TRUE(has_part(fault("resnet50", "layr3"), "did you mean 'layer3'?"));
  EXPECT_TRUE(has_part(fault("resnet50", "score"), "did you mean 'scores'?"));
  const std::string far = fault("vgg16", "qqqqqqqqqqqqqqqqqqqqqqqq");
  EXPECT_TRUE(has_part(far, "no layer 'qqqqqqqqqqqqqqqqqqqqqqqq' in vgg16"));
  EXPECT_FALSE(has_part(far, "did you mean"));
  EXPECT_NE(fault("vgg16", std::string(1000000, 'c')), "");  // and it takes no time
  EXPECT_TRUE(has_part(fault("vgg16", ""), "no layer ''"));
}

}  // namespace
}  // namespace hdecomp
