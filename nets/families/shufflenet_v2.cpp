/// ShuffleNet v2 of widths 0.5, 1, 1.5 and 2 (Ma et al. 2018, arXiv:1807.11164), as torchvision
/// lays them out: half of the channels pass a unit untouched, then all are shuffled.
#include <array>

#include "hdecomp/error.h"
#include "nets/family_parts.h"

namespace hdecomp::shufflenet_v2 {
namespace {

constexpr std::array<int, 3> depths{4, 8, 4};
constexpr int64_t stem_width = 24;

/// Of the three stages, and the last convolution.
std::array<int64_t, 4> widths_of(const std::string& arch) {
  if (arch == "shufflenet_v2_x0_5") return {48, 96, 192, 1024};
  if (arch == "shufflenet_v2_x1_5") return {176, 352, 704, 1024};
  if (arch == "shufflenet_v2_x2_0") return {244, 488, 976, 2048};
  return {116, 232, 464, 1024};
}

/// `part`: its place in torchvision's Sequential `branch`.
std::string module(const std::string& branch, int part) { return joined(branch, ".", part); }

int pointwise(GraphBuilder& net, int input, const std::string& branch, int part, int64_t width) {
  Aliases names = conv_and_norm(module(branch, part), module(branch, part + 1));
  names.torchvision.push_back(module(branch, part + 2));
  return net.conv(input, joined(branch, ".conv", part), width, {1, 1, 0}, Activation::relu, names);
}

int depthwise(GraphBuilder& net, const Top& input, const std::string& branch, int part,
              int64_t stride) {
  return net.conv(input.node, joined(branch, ".conv", part), input.channels, {3, stride, 1},
                  Activation::none, conv_and_norm(module(branch, part), module(branch, part + 1)),
                  input.channels);
}

Top half_of(GraphBuilder& net, const Top& input, const std::string& name, int64_t first,
            int64_t count) {
  Node node;
  node.op = Op::slice;
  node.first_channel = first;
  node.out_channels = count;
  return {net.node(node, {input.node}, name, {}), count};
}

/// `width`: of each half, as published.
Top unit(GraphBuilder& net, const Top& input, const std::string& name, int64_t width,
         int64_t stride, WidthList& widths) {
  Top left, right = input;
  if (stride > 1) {
    const std::string branch = name + ".branch1";
    const int filtered = depthwise(net, input, branch, 0, stride);
    left.channels = widths.next(width);
    left.node = pointwise(net, filtered, branch, 2, left.channels);
  } else {
    left = half_of(net, input, name + ".left", 0, input.channels / 2);
    right = half_of(net, input, name + ".right", input.channels / 2,
                    input.channels - input.channels / 2);
  }
  const std::string branch = name + ".branch2";
  right.channels = widths.next(width);
  right.node = pointwise(net, right.node, branch, 0, right.channels);
  right.node = depthwise(net, right, branch, 3, stride);
  right.channels = widths.next(width);
  right.node = pointwise(net, right.node, branch, 5, right.channels);
  const int both = net.concat({left.node, right.node}, name + ".concat", {});
  Node shuffle;
  shuffle.op = Op::channel_shuffle;
  shuffle.groups = 2;
  return {net.node(shuffle, {both}, name, {}), left.channels + right.channels};
}

/// Stages end with the stem, with stages 2 and 3 and with the last map.
Graph build(const NetParams& params) {
  const std::array<int64_t, 4> published = widths_of(params.arch);
  GraphBuilder net(params.arch);
  WidthList widths(params);
  Top top{0, widths.next(stem_width)};
  top.node = net.conv(net.input(), "conv1", top.channels, {3, 2, 1}, Activation::relu,
                      conv_norm_names("conv1"));
  net.stage_end("conv1", top.node);
  top.node = net.max_pool(top.node, "maxpool", {3, 2, 1}, {{"maxpool"}, {}, "", ""});
  for (size_t s = 0; s < depths.size(); ++s) {
    const std::string stage = joined("stage", s + 2);
    if (s > 0) net.stage_end(joined("stage", s + 1), top.node);
    for (int i = 0; i < depths[s]; ++i) {
      top = unit(net, top, joined(stage, ".", i), published[s] / 2, i == 0 ? 2 : 1, widths);
    }
  }
  top.node = net.conv(top.node, "conv5", widths.next(published[3]), {1, 1, 0}, Activation::relu,
                      conv_norm_names("conv5"));
  net.stage_end("conv5", top.node);
  top.node = net.adaptive_avg_pool(top.node, "avgpool", 1, {});
  linear_head(net, top.node, params, "fc", "fc", 0);
  return net.take();
}

NetParams defaults(const std::string& arch) { return published_params(arch, build); }

}  // namespace

Family family() {
  return {"shufflenet_v2",
          {"shufflenet_v2_x0_5", "shufflenet_v2_x1_0", "shufflenet_v2_x1_5", "shufflenet_v2_x2_0"},
          defaults,
          build,
          fit_published,
          has_published_widths};
}

}  // namespace hdecomp::shufflenet_v2
