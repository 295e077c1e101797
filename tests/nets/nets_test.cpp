/// Every architecture against torchvision's counts and extents.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "hdecomp/error.h"
#include "nets/builder.h"
#include "nets/family.h"
#include "nets/layer_names.h"

namespace hdecomp {
namespace {

Graph default_graph(const std::string& arch) { return build_graph(default_params(arch)); }

struct Published {
  const char* arch;
  int64_t parameters;
  size_t layers;
};
/// From torchvision 0.14: over all Conv2d and Linear modules of
/// `torchvision.models.ARCH(weights=None)`, the sum of weight.numel() + weight.shape[0] (batch norm
/// folded into a bias), and how many there are; of DenseNet with its batch norms that no
/// convolution comes before.
constexpr Published published[] = {{"vgg11", 132863336, 11},
                                   {"vgg11_bn", 132863336, 11},
                                   {"vgg13", 133047848, 13},
                                   {"vgg13_bn", 133047848, 13},
                                   {"vgg16", 138357544, 16},
                                   {"vgg16_bn", 138357544, 16},
                                   {"vgg19", 143667240, 19},
                                   {"vgg19_bn", 143667240, 19},
                                   {"alexnet", 61100840, 8},
                                   {"resnet18", 11684712, 21},
                                   {"resnet34", 21789160, 37},
                                   {"resnet50", 25530472, 54},
                                   {"resnet101", 44496488, 105},
                                   {"resnet152", 60117096, 156},
                                   {"squeezenet1_0", 1248424, 26},
                                   {"squeezenet1_1", 1235496, 26},
                                   {"resnext50_32x4d", 24994792, 54},
                                   {"resnext101_32x8d", 88689896, 105},
                                   {"resnext101_64x4d", 83353832, 105},
                                   {"wide_resnet50_2", 68849128, 54},
                                   {"wide_resnet101_2", 126817768, 105},
                                   // Not torchvision's: He et al. 2016, Section 4.2, with two 1x1
                                   // shortcuts of 16 x 32 and 32 x 64.
                                   {"cifar_resnet20", 271690, 22},
                                   {"cifar_resnet32", 465674, 34},
                                   {"cifar_resnet44", 659658, 46},
                                   {"cifar_resnet56", 853642, 58},
                                   {"cifar_resnet110", 1726570, 112},
                                   {"mobilenet_v2", 3487816, 53},
                                   {"mobilenet_v3_large", 5470832, 64},
                                   {"mobilenet_v3_small", 2536800, 54},
                                   {"densenet121", 7974120, 183},
                                   {"densenet161", 28671304, 243},
                                   {"densenet169", 14142568, 255},
                                   {"densenet201", 20005736, 303},
                                   {"efficientnet_b0", 5267540, 82},
                                   {"efficientnet_b1", 7763160, 116},
                                   {"efficientnet_b2", 9076210, 116},
                                   {"efficientnet_b3", 12189584, 131},
                                   {"efficientnet_b4", 19279016, 161},
                                   {"shufflenet_v2_x0_5", 1362816, 57},
                                   {"shufflenet_v2_x1_0", 2270514, 57},
                                   {"shufflenet_v2_x1_5", 3491904, 57},
                                   {"shufflenet_v2_x2_0", 7377138, 57},
                                   {"mnasnet0_5", 2208200, 53},
                                   {"mnasnet0_75", 3155304, 53},
                                   {"mnasnet1_0", 4364352, 53},
                                   {"mnasnet1_3", 6257848, 53},
                                   {"regnet_x_400mf", 5477048, 72},
                                   {"regnet_x_800mf", 7241000, 54},
                                   {"regnet_x_1_6gf", 9168384, 60},
                                   {"regnet_x_3_2gf", 15265272, 81},
                                   {"regnet_x_8gf", 39527416, 75},
                                   {"regnet_x_16gf", 54222952, 72},
                                   {"regnet_x_32gf", 107730552, 75},
                                   {"regnet_y_400mf", 4330568, 86},
                                   {"regnet_y_800mf", 6417296, 76},
                                   {"regnet_y_1_6gf", 11176094, 141},
                                   {"regnet_y_3_2gf", 19403258, 111},
                                   {"regnet_y_8gf", 39338208, 91},
                                   {"regnet_y_16gf", 83528732, 96},
                                   {"regnet_y_32gf", 144967626, 106},
                                   {"regnet_y_128gf", 644605358, 141},
                                   {"googlenet", 6617624, 58},
                                   {"inception_v3", 23817352, 95}};

TEST(NetsTest, ParameterAndLayerCountsAreTorchvisions) {
  for (const auto& [arch, parameters, layers] : published) {
    SCOPED_TRACE(arch);
    const Graph graph = default_graph(arch);
    int64_t sum = 0;
    size_t count = 0;
    for (int i = 0; i <= graph.scores(); ++i) {
      if (!has_weights(graph.nodes[i])) continue;
      const std::vector<int64_t> dims = weight_dims(graph, i);
      int64_t elements = 1;
      for (const int64_t dim : dims) elements *= dim;
      sum += elements + dims[0];
      ++count;
    }
    EXPECT_EQ(sum, parameters);
    EXPECT_EQ(count, layers);
  }
  EXPECT_EQ(arch_names().size(), std::size(published));
}

TEST(NetsTest, NodesFollowTheirInputsAndNamesAreUnique) {
  for (const std::string& arch : arch_names()) {
    SCOPED_TRACE(arch);
    const Graph graph = default_graph(arch);
    std::set<std::string> names, foreign;
    for (int i = 0; i <= graph.scores(); ++i) {
      const Node& node = graph.nodes[i];
      for (const int input : node.inputs) EXPECT_LT(input, i) << node.name;
      EXPECT_EQ(node.op == Op::input, i == 0) << node.name;
      EXPECT_TRUE(names.insert(node.name).second) << node.name;
      for (const std::string& name : node.torchvision)
        EXPECT_TRUE(foreign.insert(name).second) << name;
      for (const std::string& name : node.keras) EXPECT_TRUE(foreign.insert(name).second) << name;
    }
    EXPECT_EQ(graph.arch, arch);
    EXPECT_EQ(graph.shapes.size(), graph.nodes.size());
    const int64_t classes = arch.starts_with("cifar") ? 10 : 1000;
    EXPECT_EQ(graph.shapes.back(), (FeatureShape{classes, 1, 1}));
    EXPECT_EQ(graph.nodes.back().activation, Activation::none);
  }
}

TEST(NetsTest, BatchNormIsNamedForEveryConvolutionThatHasOne) {
  for (const std::string& arch : arch_names()) {
    SCOPED_TRACE(arch);
    const std::string family = find_family(arch).name;
    const bool uniform = family == "vgg" || family == "alexnet" || family == "squeezenet" ||
                         family.find("resne") != std::string::npos;
    const bool batch_norm = arch.ends_with("_bn") || arch.find("resne") != std::string::npos;
    const Graph graph = default_graph(arch);
    std::set<std::string> names;
    for (int i = 0; i <= graph.scores(); ++i) {
      if (graph.nodes[i].op != Op::conv) continue;
      const Node& node = graph.nodes[i];
      if (uniform) {  // others have convolutions of both kinds
        EXPECT_EQ(node.torchvision_bn.empty(), !batch_norm) << node.name;
      }
      if (!node.torchvision_bn.empty()) {
        EXPECT_TRUE(names.insert(node.torchvision_bn).second) << node.torchvision_bn;
      }
      ASSERT_FALSE(node.torchvision.empty()) << node.name;
    }
  }
  const Graph graph = default_graph("resnet50");
  const auto bn = [&](const char* layer) {
    return graph.nodes[find_layer(graph, layer)].torchvision_bn;
  };
  EXPECT_EQ(bn("conv1"), "bn1");
  EXPECT_EQ(bn("layer3.2.conv2"), "layer3.2.bn2");
  EXPECT_EQ(bn("layer2.0.downsample"), "layer2.0.downsample.1");
}

/// "name=node CxHxW" of every stage end.
std::vector<std::string> stage_ends(const Graph& graph) {
  std::vector<std::string> result;
  for (const Stage& stage : graph.stage_ends) {
    const FeatureShape& shape = graph.shapes[stage.node];
    result.push_back(joined(stage.name, "=", graph.nodes[stage.node].name, " ", shape.channels, "x",
                            shape.height, "x", shape.width));
  }
  return result;
}

TEST(NetsTest, StageEndsHaveThePublishedExtents) {
  using Lines = std::vector<std::string>;
  EXPECT_EQ(stage_ends(default_graph("vgg16")),
            (Lines{"conv1_2=conv1_2 64x224x224", "conv2_2=conv2_2 128x112x112",
                   "conv3_3=conv3_3 256x56x56", "conv4_3=conv4_3 512x28x28",
                   "conv5_3=conv5_3 512x14x14"}));
  EXPECT_EQ(stage_ends(default_graph("vgg11_bn")),
            (Lines{"conv1_1=conv1_1 64x224x224", "conv2_1=conv2_1 128x112x112",
                   "conv3_2=conv3_2 256x56x56", "conv4_2=conv4_2 512x28x28",
                   "conv5_2=conv5_2 512x14x14"}));
  EXPECT_EQ(stage_ends(default_graph("alexnet")),
            (Lines{"conv1=conv1 64x55x55", "conv2=conv2 192x27x27", "conv3=conv3 384x13x13",
                   "conv4=conv4 256x13x13", "conv5=conv5 256x13x13"}));
  EXPECT_EQ(
      stage_ends(default_graph("resnet18")),
      (Lines{"conv1=conv1 64x112x112", "layer1=layer1.1 64x56x56", "layer2=layer2.1 128x28x28",
             "layer3=layer3.1 256x14x14", "layer4=layer4.1 512x7x7"}));
  const Lines bottleneck{"conv1=conv1 64x112x112", "layer1=layer1.2 256x56x56",
                         "layer2=layer2.3 512x28x28", "layer3=layer3.5 1024x14x14",
                         "layer4=layer4.2 2048x7x7"};
  EXPECT_EQ(stage_ends(default_graph("resnet50")), bottleneck);
  for (const char* arch : {"resnext50_32x4d", "wide_resnet50_2"}) {
    EXPECT_EQ(stage_ends(default_graph(arch)), bottleneck);
  }
  EXPECT_EQ(stage_ends(default_graph("cifar_resnet20")),
            (Lines{"conv1=conv1 16x32x32", "layer1=layer1.2 16x32x32", "layer2=layer2.2 32x16x16",
                   "layer3=layer3.2 64x8x8"}));
  EXPECT_EQ(stage_ends(default_graph("squeezenet1_0")),
            (Lines{"conv1=conv1 96x109x109", "fire4=fire4 256x54x54", "fire8=fire8 512x27x27",
                   "fire9=fire9 512x13x13"}));
  EXPECT_EQ(stage_ends(default_graph("squeezenet1_1")),
            (Lines{"conv1=conv1 64x111x111", "fire3=fire3 128x55x55", "fire5=fire5 256x27x27",
                   "fire9=fire9 512x13x13"}));
  EXPECT_EQ(stage_ends(default_graph("mobilenet_v2")),
            (Lines{"features.1=features.1.project 16x112x112", "features.3=features.3 24x56x56",
                   "features.6=features.6 32x28x28", "features.13=features.13 96x14x14",
                   "features.18=features.18 1280x7x7"}));
  EXPECT_EQ(stage_ends(default_graph("densenet121")),
            (Lines{"conv0=conv0 64x112x112", "denseblock1=denseblock1 256x56x56",
                   "denseblock2=denseblock2 512x28x28", "denseblock3=denseblock3 1024x14x14",
                   "norm5=norm5 1024x7x7"}));
  EXPECT_EQ(stage_ends(default_graph("shufflenet_v2_x1_0")),
            (Lines{"conv1=conv1 24x112x112", "stage2=stage2.3 116x28x28",
                   "stage3=stage3.7 232x14x14", "conv5=conv5 1024x7x7"}));
  NetParams keras = default_params("resnet50");
  keras.stride_in_1x1 = true;
  EXPECT_EQ(stage_ends(build_graph(keras)), bottleneck);
}

TEST(NetsTest, KerasResnetStridesInTheFirst1x1) {
  NetParams params = default_params("resnet50");
  for (const bool keras : {false, true}) {
    params.stride_in_1x1 = keras;
    const Graph graph = build_graph(params);
    EXPECT_EQ(graph.nodes[find_layer(graph, "layer2.0.conv1")].y.stride, keras ? 2 : 1);
    EXPECT_EQ(graph.nodes[find_layer(graph, "layer2.0.conv2")].y.stride, keras ? 1 : 2);
    EXPECT_EQ(graph.nodes[find_layer(graph, "layer2.1.conv1")].y.stride, 1);
  }
}

TEST(NetsTest, BottlenecksHaveTheirPublishedGroupsAndWidths) {
  struct Case {
    const char* arch;
    int64_t inner, groups;
  };
  for (const auto& [arch, inner, groups] :
       std::initializer_list<Case>{{"resnet50", 64, 1},
                                   {"wide_resnet50_2", 128, 1},
                                   {"resnext50_32x4d", 128, 32},
                                   {"resnext101_32x8d", 256, 32},
                                   {"resnext101_64x4d", 256, 64}}) {
    SCOPED_TRACE(arch);
    const Graph graph = default_graph(arch);
    const int conv = find_layer(graph, "layer1.0.conv2");
    EXPECT_EQ(weight_dims(graph, conv), (std::vector<int64_t>{inner, inner / groups, 3, 3}));
    EXPECT_EQ(graph.nodes[conv].groups, groups);
    EXPECT_EQ(graph.nodes[find_layer(graph, "layer4.0.conv2")].y.stride, 2);
  }
}

}  // namespace
}  // namespace hdecomp
