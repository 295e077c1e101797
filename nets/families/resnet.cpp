/// ResNet-18, 34, 50, 101 and 152 (He et al. 2016): torchvision's, stride in the 3x3, and Keras's
/// ResNet50, stride in the first 1x1.
#include <array>

#include "hdecomp/error.h"
#include "nets/builder.h"
#include "nets/family.h"

namespace hdecomp {
namespace {

constexpr int stages = 4;
constexpr int64_t expansion = 4;  // of a bottleneck's inner channels

std::array<int, stages> depths(const std::string& arch) {
  if (arch == "resnet18") return {2, 2, 2, 2};
  if (arch == "resnet101") return {3, 4, 23, 3};
  if (arch == "resnet152") return {3, 8, 36, 3};
  return {3, 4, 6, 3};  // resnet34, resnet50
}

bool is_bottleneck(const std::string& arch) { return arch != "resnet18" && arch != "resnet34"; }

NetParams defaults(const std::string& arch) {
  NetParams params;
  params.arch = arch;
  params.widths = {64, 64, 128, 256, 512};
  params.pool_size = 1;
  return params;
}

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

int basic_branch(GraphBuilder& net, int input, const Block& block) {
  const int first = net.conv(input, block.torch() + ".conv1", block.channels, {3, block.stride, 1},
                             Activation::relu, block.names(1, true));
  return net.conv(first, block.torch() + ".conv2", block.channels, {3, 1, 1}, Activation::none,
                  block.names(2, false));
}

int bottleneck_branch(GraphBuilder& net, int input, const Block& block, bool stride_in_1x1) {
  const int64_t in_first = stride_in_1x1 ? block.stride : 1;
  const int first = net.conv(input, block.torch() + ".conv1", block.channels, {1, in_first, 0},
                             Activation::relu, block.names(1, true));
  const int second =
      net.conv(first, block.torch() + ".conv2", block.channels, {3, block.stride / in_first, 1},
               Activation::relu, block.names(2, true));
  return net.conv(second, block.torch() + ".conv3", block.channels * expansion, {1, 1, 0},
                  Activation::none, block.names(3, false));
}

/// `has_shortcut`: the identity does not fit (stride or channels), so a 1x1 convolution takes its
/// place.
int residual_block(GraphBuilder& net, int input, const Block& block, const NetParams& params,
                   bool has_shortcut) {
  const bool bottleneck = is_bottleneck(params.arch);
  const int branch = bottleneck ? bottleneck_branch(net, input, block, params.stride_in_1x1)
                                : basic_branch(net, input, block);
  int shortcut = input;
  if (has_shortcut) {
    shortcut = net.conv(input, block.torch() + ".downsample",
                        block.channels * (bottleneck ? expansion : 1), {1, block.stride, 0},
                        Activation::none, block.shortcut_names());
  }
  return net.add(branch, shortcut, block.torch(), Activation::relu,
                 {{}, {block.keras() + "_out", block.keras() + "_add"}, "", ""});
}

Graph build(const NetParams& params) {
  GraphBuilder net(params.arch);
  int top = net.conv(
      net.input(), "conv1", params.widths.at(0), {7, 2, 3}, Activation::relu,
      {{"conv1", "bn1", "relu"}, {"conv1_conv", "conv1_bn", "conv1_relu"}, "bn1", "conv1_bn"});
  net.stage_end("conv1", top);
  top = net.max_pool(top, "maxpool", {3, 2, 1}, {{"maxpool"}, {"pool1_pool"}, "", ""});
  int64_t channels = params.widths.at(0);
  for (int stage = 0; stage < stages; ++stage) {
    for (int i = 0; i < depths(params.arch)[stage]; ++i) {
      const int64_t inner = params.widths.at(stage + 1);
      const int64_t outer = inner * (is_bottleneck(params.arch) ? expansion : 1);
      const Block block{stage, i, inner, i == 0 && stage > 0 ? 2 : 1};
      // Keras's first block always has the convolution; torchvision's only where it is needed,
      // which is the same for bottlenecks.
      top = residual_block(net, top, block, params, block.stride != 1 || channels != outer);
      channels = outer;
    }
    net.stage_end(joined("layer", stage + 1), top);
  }
  top = net.adaptive_avg_pool(top, "avgpool", 1, {{"avgpool"}, {"avg_pool"}, "", ""});
  const size_t hidden = params.hidden_units.size();  // fine-tuned nets have some: a Sequential
  for (size_t i = 0; i < hidden; ++i) {
    top = net.linear(
        top, joined("fc", i + 1), params.hidden_units[i], Activation::relu,
        {{joined("fc.", 3 * i), joined("fc.", 3 * i + 1)}, {joined("fc", i + 1)}, "", ""});
  }
  const std::string last = hidden == 0 ? "fc" : joined("fc.", 3 * hidden);
  net.linear(top, "fc", params.classes, Activation::none,
             {{last}, {"predictions", "probs"}, "", ""});
  return net.take();
}

void fit(NetParams& params, const WeightDims& dims) {
  params.widths = {dims("conv1").at(0)};
  for (int stage = 0; stage < stages; ++stage) {
    params.widths.push_back(dims(joined("layer", stage + 1, ".0.conv1")).at(0));
  }
  for (size_t i = 0; i < params.hidden_units.size(); ++i) {
    params.hidden_units[i] = dims(joined("fc", i + 1)).at(0);
  }
  params.classes = dims("fc").at(0);
}

}  // namespace

Family resnet_family() {
  return {"resnet",
          {"resnet18", "resnet34", "resnet50", "resnet101", "resnet152"},
          defaults,
          build,
          fit};
}

}  // namespace hdecomp
