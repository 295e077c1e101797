/// DenseNet-121, 161, 169 and 201 (Huang et al. 2017, arXiv:1608.06993), as torchvision lays them
/// out: every layer reads all maps before it in its block, normalised anew.
#include <array>

#include "hdecomp/error.h"
#include "nets/family_parts.h"

namespace hdecomp::densenet {
namespace {

constexpr int blocks = 4;
constexpr int64_t bottleneck = 4;  // how many times as wide as the growth a layer is within

struct Version {
  std::array<int, blocks> layers;
  int64_t growth, stem;
};
Version version(const std::string& arch) {
  if (arch == "densenet161") return {{6, 12, 36, 24}, 48, 96};
  if (arch == "densenet169") return {{6, 12, 32, 32}, 32, 64};
  if (arch == "densenet201") return {{6, 12, 48, 32}, 32, 64};
  return {{6, 12, 24, 16}, 32, 64};  // densenet121
}

/// A batch norm with no convolution before it, and a ReLU.
int norm(GraphBuilder& net, int input, const std::string& name, const std::string& torch,
         const std::string& relu) {
  Node node;
  node.op = Op::affine;
  node.activation = Activation::relu;
  Aliases names{{torch}, {}, torch, ""};
  if (!relu.empty()) names.torchvision.push_back(relu);
  return net.node(node, {input}, name, names);
}

/// The maps that a layer adds to those before.
int dense_layer(GraphBuilder& net, int input, const std::string& name, int64_t growth,
                WidthList& widths) {
  const std::string torch = "features." + name;
  int top = norm(net, input, name + ".norm1", torch + ".norm1", torch + ".relu1");
  Aliases first = conv_and_norm(torch + ".conv1", torch + ".norm2");
  first.torchvision.push_back(torch + ".relu2");
  top = net.conv(top, name + ".conv1", widths.next(bottleneck * growth), {1, 1, 0},
                 Activation::relu, first);
  return net.conv(top, name + ".conv2", widths.next(growth), {3, 1, 1}, Activation::none,
                  {{torch + ".conv2", torch}, {}, "", ""});
}

int average_pool(GraphBuilder& net, int input, const std::string& name, const std::string& torch) {
  Node node;
  node.op = Op::avg_pool;
  node.y = node.x = {2, 2, 0, 0, 1};
  return net.node(node, {input}, name, {{torch}, {}, "", ""});
}

/// Stages end with the stem and with each block; the last block's after its ReLU.
Graph build(const NetParams& params) {
  const Version v = version(params.arch);
  GraphBuilder net(params.arch);
  WidthList widths(params);
  int top =
      net.conv(net.input(), "conv0", widths.next(v.stem), {7, 2, 3}, Activation::relu,
               {{"features.conv0", "features.norm0", "features.relu0"}, {}, "features.norm0", ""});
  net.stage_end("conv0", top);
  top = net.max_pool(top, "pool0", {3, 2, 1}, {{"features.pool0"}, {}, "", ""});
  int64_t channels = v.stem;  // as published
  for (int b = 0; b < blocks; ++b) {
    const std::string block = joined("denseblock", b + 1);
    for (int i = 0; i < v.layers[b]; ++i) {
      const std::string layer = joined(block, ".denselayer", i + 1);
      const int added = dense_layer(net, top, layer, v.growth, widths);
      const bool last = i + 1 == v.layers[b];
      Aliases names;
      if (last) names.torchvision = {"features." + block};
      top = net.concat({top, added}, last ? block : layer, names);
      channels += v.growth;
    }
    if (b + 1 == blocks) break;
    net.stage_end(block, top);
    channels /= 2;
    const std::string transition = joined("transition", b + 1), torch = "features." + transition;
    top = norm(net, top, transition + ".norm", torch + ".norm", torch + ".relu");
    top = net.conv(top, transition + ".conv", widths.next(channels), {1, 1, 0}, Activation::none,
                   {{torch + ".conv"}, {}, "", ""});
    top = average_pool(net, top, transition, torch + ".pool");
  }
  top = norm(net, top, "norm5", "features.norm5", "");
  net.stage_end("norm5", top);
  top = net.adaptive_avg_pool(top, "avgpool", 1, {});
  linear_head(net, top, params, "classifier", "classifier", 0);
  return net.take();
}

NetParams defaults(const std::string& arch) { return published_params(arch, build); }

}  // namespace

Family family() {
  return {"densenet",
          {"densenet121", "densenet161", "densenet169", "densenet201"},
          defaults,
          build,
          fit_published};
}

}  // namespace hdecomp::densenet
