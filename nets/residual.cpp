/// Residual networks' blocks, in torchvision's and Keras's names.
#include "nets/residual.h"

#include "hdecomp/error.h"
#include "nets/builder.h"

namespace hdecomp {
namespace {

/// One residual block: its place (stage and block from 0), inner channels and stride.
struct Block {
  int stage, index;
  int64_t channels, stride;

  std::string torch() const { return joined("layer", stage + 1, ".", index); }
  std::string keras() const { return joined("conv", stage + 2, "_block", index + 1); }

  /// Names of the block's convolution `number`, counted from 1 in both dialects; `relu`: one
  /// follows.
  Aliases names(int number, bool relu) const {
    const std::string norm = joined(torch(), ".bn", number);
    const std::string stem = joined(keras(), "_", number);
    Aliases aliases{{joined(torch(), ".conv", number), norm},
                    {stem + "_conv", stem + "_bn"},
                    norm,
                    stem + "_bn"};
    if (relu) aliases.keras.push_back(stem + "_relu");
    return aliases;
  }
  Aliases shortcut_names() const {
    const std::string stem = keras() + "_0";
    return {{torch() + ".downsample.0", torch() + ".downsample.1"},
            {stem + "_conv", stem + "_bn"},
            torch() + ".downsample.1",
            stem + "_bn"};
  }
};

int basic_branch(GraphBuilder& graph, int input, const Block& block) {
  const int first = graph.conv(input, block.torch() + ".conv1", block.channels,
                               {3, block.stride, 1}, Activation::relu, block.names(1, true));
  return graph.conv(first, block.torch() + ".conv2", block.channels, {3, 1, 1}, Activation::none,
                    block.names(2, false));
}

int bottleneck_branch(GraphBuilder& graph, int input, const Block& block, const ResidualNet& net,
                      bool stride_in_1x1) {
  const int64_t in_first = stride_in_1x1 ? block.stride : 1;
  const int first = graph.conv(input, block.torch() + ".conv1", block.channels, {1, in_first, 0},
                               Activation::relu, block.names(1, true));
  const int second =
      graph.conv(first, block.torch() + ".conv2", block.channels, {3, block.stride / in_first, 1},
                 Activation::relu, block.names(2, true), net.groups);
  return graph.conv(second, block.torch() + ".conv3", block.channels * net.expansion, {1, 1, 0},
                    Activation::none, block.names(3, false));
}

/// `has_shortcut`: the identity does not fit (stride or channels), so a 1x1 convolution takes its
/// place.
int residual_block(GraphBuilder& graph, int input, const Block& block, const ResidualNet& net,
                   const NetParams& params, bool has_shortcut) {
  const int branch = net.bottleneck
                         ? bottleneck_branch(graph, input, block, net, params.stride_in_1x1)
                         : basic_branch(graph, input, block);
  int shortcut = input;
  if (has_shortcut) {
    shortcut = graph.conv(input, block.torch() + ".downsample", block.channels * net.expansion,
                          {1, block.stride, 0}, Activation::none, block.shortcut_names());
    if (net.stem == ResidualStem::cifar) graph.may_be_absent(shortcut);
  }
  return graph.add(branch, shortcut, block.torch(), Activation::relu,
                   {{}, {block.keras() + "_out", block.keras() + "_add"}, "", ""});
}

int build_stem(GraphBuilder& graph, const ResidualNet& net, const NetParams& params) {
  const bool imagenet = net.stem == ResidualStem::imagenet;
  const int conv = graph.conv(
      graph.input(), "conv1", params.widths.at(0), imagenet ? Kernel{7, 2, 3} : Kernel{3, 1, 1},
      Activation::relu,
      {{"conv1", "bn1", "relu"}, {"conv1_conv", "conv1_bn", "conv1_relu"}, "bn1", "conv1_bn"});
  graph.stage_end("conv1", conv);
  if (!imagenet) return conv;
  return graph.max_pool(conv, "maxpool", {3, 2, 1}, {{"maxpool"}, {"pool1_pool"}, "", ""});
}

void build_head(GraphBuilder& graph, int input, const NetParams& params) {
  int top = graph.adaptive_avg_pool(input, "avgpool", 1, {{"avgpool"}, {"avg_pool"}, "", ""});
  if (params.classes == 0) return;
  const size_t hidden = params.hidden_units.size();  // fine-tuned nets have some: a Sequential
  for (size_t i = 0; i < hidden; ++i) {
    top = graph.linear(
        top, joined("fc", i + 1), params.hidden_units[i], Activation::relu,
        {{joined("fc.", 3 * i), joined("fc.", 3 * i + 1)}, {joined("fc", i + 1)}, "", ""});
  }
  const std::string last = hidden == 0 ? "fc" : joined("fc.", 3 * hidden);
  graph.linear(top, "fc", params.classes, Activation::none,
               {{last}, {"predictions", "probs"}, "", ""});
}

}  // namespace

Graph build_residual(const ResidualNet& net, const NetParams& params) {
  GraphBuilder graph(params.arch);
  int top = build_stem(graph, net, params);
  int64_t channels = params.widths.at(0);
  for (size_t stage = 0; stage < net.depths.size(); ++stage) {
    for (int i = 0; i < net.depths[stage]; ++i) {
      const int64_t inner = params.widths.at(stage + 1), outer = inner * net.expansion;
      const Block block{static_cast<int>(stage), i, inner, i == 0 && stage > 0 ? 2 : 1};
      // Keras's first block always has the convolution; torchvision's only where it is needed,
      // which is the same for bottlenecks.
      const bool has_shortcut = block.stride != 1 || channels != outer;
      top = residual_block(graph, top, block, net, params, has_shortcut);
      channels = outer;
    }
    graph.stage_end(joined("layer", stage + 1), top);
  }
  build_head(graph, top, params);
  return graph.take();
}

NetParams residual_params(const std::string& arch, int64_t inner) {
  NetParams params;
  params.arch = arch;
  params.widths = {64, inner, 2 * inner, 4 * inner, 8 * inner};
  params.pool_size = 1;
  return params;
}

void fit_residual(NetParams& params, const WeightDims& dims) {
  const size_t stages = params.widths.size() - 1;
  params.widths = {dims("conv1").at(0)};
  for (size_t stage = 1; stage <= stages; ++stage) {
    params.widths.push_back(dims(joined("layer", stage, ".0.conv1")).at(0));
  }
  for (size_t i = 0; i < params.hidden_units.size(); ++i) {
    params.hidden_units[i] = dims(joined("fc", i + 1)).at(0);
  }
  if (params.classes > 0) params.classes = dims("fc").at(0);
}

bool is_bottleneck_net(const ResidualNet& net, const WeightDims& dims) {
  const std::vector<int64_t> middle = dims("layer1.0.conv2"), last = dims("layer1.0.conv3");
  return middle.size() == 4 && last.size() == 4 && middle[0] == middle[1] * net.groups &&
         last[0] == last[1] * net.expansion;
}

}  // namespace hdecomp
