/// Graphs: reachability, and what build_graph and fit make of odd parameters.
#include <gtest/gtest.h>

#include <algorithm>

#include "hdecomp/choice.h"
#include "hdecomp/error.h"
#include "nets/builder.h"
#include "nets/family.h"
#include "nets/layer_names.h"
#include "tests/support/hostile_files.h"

namespace hdecomp {
namespace {

Graph graph_of(const std::string& arch) { return build_graph(default_params(arch)); }

/// The names of the nodes between two layers.
std::vector<std::string> between(const Graph& graph, const char* from, const char* to) {
  const std::vector<bool> marks =
      nodes_between(graph, find_layer(graph, from), find_layer(graph, to));
  EXPECT_EQ(marks.size(), graph.nodes.size());
  std::vector<std::string> names;
  for (size_t i = 0; i < marks.size(); ++i) {
    if (marks[i]) names.push_back(graph.nodes[i].name);
  }
  return names;
}
using Names = std::vector<std::string>;

TEST(NodesBetweenTest, AChainIsTakenWhole) {
  const Graph graph = graph_of("vgg16");
  EXPECT_EQ(between(graph, "conv4_1", "conv3_2"),
            (Names{"conv3_2", "conv3_3", "pool3", "conv4_1"}));
  EXPECT_EQ(between(graph, "scores", "conv5_3"),
            (Names{"conv5_3", "pool5", "avgpool", "fc6", "fc7", "fc8"}));
  EXPECT_EQ(between(graph, "scores", "input").size(), graph.nodes.size());
  EXPECT_EQ(between(graph, "conv4_1", "conv4_1"), Names{"conv4_1"});
  EXPECT_EQ(between(graph, "conv1_1", "conv5_3"), Names{});  // above it
}

TEST(NodesBetweenTest, BothBranchesOfABlockAreTaken) {
  const Graph graph = graph_of("resnet18");
  EXPECT_EQ(between(graph, "layer1.1", "layer1.0"),  // the identity is an edge, not a node
            (Names{"layer1.0", "layer1.1.conv1", "layer1.1.conv2", "layer1.1"}));
  EXPECT_EQ(
      between(graph, "layer2.0", "layer1"),
      (Names{"layer1.1", "layer2.0.conv1", "layer2.0.conv2", "layer2.0.downsample", "layer2.0"}));
}

TEST(NodesBetweenTest, ABranchThatDoesNotPassIsLeftOut) {
  const Graph graph = graph_of("resnet18");
  EXPECT_EQ(between(graph, "layer2.0.conv2", "layer1"),
            (Names{"layer1.1", "layer2.0.conv1", "layer2.0.conv2"}));
  EXPECT_EQ(between(graph, "layer2.0", "layer2.0.conv1"),
            (Names{"layer2.0.conv1", "layer2.0.conv2", "layer2.0"}));
  EXPECT_EQ(between(graph, "layer2.0.downsample", "layer2.0.conv1"), Names{});
  EXPECT_EQ(
      between(graph, "layer2.0.conv2", "layer1.1.conv1"),
      (Names{"layer1.1.conv1", "layer1.1.conv2", "layer1.1", "layer2.0.conv1", "layer2.0.conv2"}));
}

/// The one line of the UserError that building these parameters throws; "" if it throws none.
std::string build_error(const NetParams& params) {
  return file_testing::line_if_refused([&] { build_graph(params); });
}
template <class Change>
std::string build_error(const std::string& arch, Change&& change) {
  NetParams params = default_params(arch);
  change(params);
  return build_error(params);
}
bool holds(const std::string& whole, const std::string& part) {
  return whole.find(part) != std::string::npos;
}

TEST(BuildGraphTest, AnUnknownArchitectureSuggestsTheNearest) {
  NetParams params = default_params("vgg16");
  params.arch = "resnet51";
  EXPECT_TRUE(
      holds(build_error(params), "unknown architecture 'resnet51'; did you mean 'resnet50'?"));
  params.arch = "VGG16";
  EXPECT_TRUE(holds(build_error(params), "did you mean 'vgg16'?"));
  params.arch = "";
  EXPECT_TRUE(holds(build_error(params), "unknown architecture ''"));
  params.arch = "vg1g6";  // one exchange, where Levenshtein counts two edits
  EXPECT_TRUE(holds(build_error(params), "did you mean 'vgg16'?"));
  params.arch = "transformer";
  EXPECT_TRUE(holds(build_error(params), "; give one of " + listed(arch_names())));
  EXPECT_THROW(find_family("transformer"), UserError);
  EXPECT_THROW(default_params("transformer"), UserError);
}

TEST(BuildGraphTest, ParametersThatMakeNoNetworkAreRefused) {
  for (const std::string& arch : arch_names()) {
    SCOPED_TRACE(arch);
    EXPECT_EQ(build_error(arch, [](NetParams&) {}), "");
    EXPECT_TRUE(holds(build_error(arch, [](NetParams& p) { p.widths.pop_back(); }), "widths"));
    EXPECT_TRUE(holds(build_error(arch, [](NetParams& p) { p.widths.clear(); }), "0 widths"));
    EXPECT_TRUE(holds(build_error(arch, [](NetParams& p) { p.hidden_units.assign(9, 1); }),
                      "9 hidden unit counts given; at most 8"));
    EXPECT_TRUE(holds(build_error(arch, [](NetParams& p) { p.widths[1] = 0; }), "a width is 0"));
    EXPECT_TRUE(holds(build_error(arch, [](NetParams& p) { p.widths[0] = (1 << 20) + 1; }),
                      "a width is 1048577; it must be 1 to 1048576"));
    EXPECT_TRUE(holds(build_error(arch,
                                  [](NetParams& p) {
                                    p.classes = 0;
                                    p.hidden_units = {5};
                                  }),
                      "class count is 0"));
    EXPECT_TRUE(
        holds(build_error(arch, [](NetParams& p) { p.classes = -5; }), "class count is -5"));
    EXPECT_TRUE(
        holds(build_error(arch, [](NetParams& p) { p.input_size = 0; }), "input size is 0"));
    EXPECT_TRUE(
        holds(build_error(arch, [](NetParams& p) { p.input_size = INT64_MAX; }), "input size"));
    EXPECT_TRUE(holds(build_error(arch, [](NetParams& p) { p.pool_size = 0; }), "pool size is 0"));
  }
  EXPECT_TRUE(holds(build_error("vgg16", [](NetParams& p) { p.hidden_units[0] = 0; }),
                    "a hidden unit count is 0"));
}

TEST(BuildGraphTest, WithoutClassesANetworkEndsWithItsFeatures) {
  for (const std::string& arch : arch_names()) {
    SCOPED_TRACE(arch);
    NetParams params = default_params(arch);
    EXPECT_TRUE(build_graph(params).has_scores);
    params.classes = 0;
    params.hidden_units.clear();
    const Graph graph = build_graph(params);
    EXPECT_FALSE(graph.has_scores);
    EXPECT_TRUE(
        std::ranges::none_of(graph.nodes, [](const Node& node) { return node.op == Op::linear; }));
    EXPECT_GE(graph.scores(), graph.stage_ends.back().node);
    EXPECT_THROW(find_layer(graph, "scores"), UserError);
    EXPECT_NE(layer_label(graph, graph.scores()), "scores");
  }
}

TEST(BuildGraphTest, AnInputTooSmallNamesTheLayer) {
  EXPECT_TRUE(holds(build_error("vgg16", [](NetParams& p) { p.input_size = 31; }), "layer pool5"));
  EXPECT_EQ(build_error("vgg16", [](NetParams& p) { p.input_size = 32; }), "");
  EXPECT_TRUE(holds(build_error("alexnet", [](NetParams& p) { p.input_size = 6; }), "layer conv1"));
  EXPECT_TRUE(
      holds(build_error("alexnet", [](NetParams& p) { p.input_size = 62; }), "layer pool5"));
  EXPECT_EQ(build_error("alexnet", [](NetParams& p) { p.input_size = 63; }), "");  // as torchvision
  EXPECT_EQ(build_error("resnet18", [](NetParams& p) { p.input_size = 1; }), "");
}

TEST(FitTest, ASlimNetworkIsReadOffItsWeights) {
  for (const std::string& arch : arch_names()) {
    SCOPED_TRACE(arch);
    NetParams slim = default_params(arch);
    const std::vector<int64_t> published = slim.widths;
    const int64_t groups = arch.starts_with("resnext") ? 64 : 1;  // which divide the widths
    for (size_t i = 0; i < slim.widths.size(); ++i) {
      slim.widths[i] = groups * (5 + static_cast<int64_t>(i));
    }
    try {
      build_graph(slim);
    } catch (const UserError&) {  // sums want equal widths, RegNet's groups whole ones
      const bool whole = arch.starts_with("regnet");
      for (size_t i = 0; i < published.size(); ++i) {
        slim.widths[i] = whole ? 2 * published[i] : 5 + published[i] / 2;
      }
    }
    for (int64_t& units : slim.hidden_units) units = 33;
    slim.classes = 7;
    if (slim.pool_size > 1) slim.pool_size = 3;
    const Graph graph = build_graph(slim);

    NetParams fitted = default_params(arch);
    find_family(arch).fit(fitted, [&](const std::string& layer) {
      return weight_dims(graph, find_layer(graph, layer));
    });
    EXPECT_EQ(fitted.widths, slim.widths);
    EXPECT_EQ(fitted.hidden_units, slim.hidden_units);
    EXPECT_EQ(fitted.classes, slim.classes);
    EXPECT_EQ(fitted.pool_size, slim.pool_size);
  }
}

TEST(FitTest, WeightsWithoutChannelsMakeNoNetwork) {
  for (const std::string& arch : arch_names()) {
    SCOPED_TRACE(arch);
    NetParams params = default_params(arch);
    find_family(arch).fit(params, [](const std::string&) { return std::vector<int64_t>(4, 0); });
    EXPECT_THROW(build_graph(params), UserError);
  }
}

}  // namespace
}  // namespace hdecomp
