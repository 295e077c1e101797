/// EfficientNet-B0 to B4 (Tan and Le 2019, arXiv:1905.11946), as torchvision lays them out:
/// inverted residuals with gates and SiLU, wider and deeper from one to the next.
#include <cmath>

#include "hdecomp/error.h"
#include "nets/family_parts.h"

namespace hdecomp::efficientnet {
namespace {

struct Stage {
  int64_t expansion, kernel, stride, width;
  int count;
};
constexpr Stage stages[] = {{1, 3, 1, 16, 1}, {6, 3, 2, 24, 2},  {6, 5, 2, 40, 2},
                            {6, 3, 2, 80, 3}, {6, 5, 1, 112, 3}, {6, 5, 2, 192, 4},
                            {6, 3, 1, 320, 1}};
constexpr int64_t stem_width = 32, last_expansion = 4;

struct Version {
  double width, depth;
  int64_t input;
};
Version version(const std::string& arch) {
  switch (arch.back()) {
    case '1':
      return {1.0, 1.1, 240};
    case '2':
      return {1.1, 1.2, 288};
    case '3':
      return {1.2, 1.4, 300};
    case '4':
      return {1.4, 1.8, 380};
    default:
      return {1.0, 1.0, 224};
  }
}

/// A convolution with its batch norm and SiLU, in `groups`.
int conv(GraphBuilder& net, int input, const std::string& name, const std::string& torch,
         int64_t width, Kernel kernel, int64_t groups) {
  const int sums = net.conv(input, name + ".conv", width, kernel, Activation::none,
                            conv_and_norm(torch + ".0", torch + ".1"), groups);
  return function_node(net, sums, name, silu, {{torch + ".2", torch}, {}, "", ""});
}

Top block(GraphBuilder& net, const Top& input, const std::string& name, const Stage& stage,
          int64_t width, int64_t stride, WidthList& widths) {
  const std::string torch = name + ".block";
  int part = 0;  // of torchvision's Sequential
  const auto module = [&] { return joined(torch, ".", part++); };
  Top top = input;
  const int64_t expanded = in_eights(input.published * stage.expansion);
  if (expanded != input.published) {
    top.channels = widths.next(expanded);
    top.node = conv(net, top.node, name + ".expand", module(), top.channels, {1, 1, 0}, 1);
  }
  top.node = conv(net, top.node, name + ".depthwise", module(), top.channels,
                  {stage.kernel, stride, stage.kernel / 2}, top.channels);
  const Gate gate{std::max<int64_t>(1, input.published / 4), expanded, &silu, sigmoid};
  top.node = gate_node(net, top.node, name + ".se", module(), gate, widths);
  const std::string last = module();
  project(net, top, input, name, {width, stride, conv_and_norm(last + ".0", last + ".1")}, widths);
  return top;
}

/// Stages end before the convolutions that stride, and with the last map.
Graph build(const NetParams& params) {
  const Version v = version(params.arch);
  GraphBuilder net(params.arch);
  WidthList widths(params);
  const int64_t stem = in_eights(stem_width, v.width);
  Top top{0, widths.next(stem), stem};
  top.node = conv(net, net.input(), "features.0", "features.0", top.channels, {3, 2, 1}, 1);
  int number = 0;
  for (const Stage& stage : stages) {
    if (stage.stride > 1) net.stage_end(joined("features.", number), top.node);
    ++number;
    const auto count = static_cast<int>(std::ceil(stage.count * v.depth));
    for (int i = 0; i < count; ++i) {
      top = block(net, top, joined("features.", number, ".", i), stage,
                  in_eights(stage.width, v.width), i == 0 ? stage.stride : 1, widths);
    }
  }
  const std::string last = joined("features.", number + 1);
  const int64_t width = widths.next(last_expansion * top.published);
  top.node = conv(net, top.node, last, last, width, {1, 1, 0}, 1);
  net.stage_end(last, top.node);
  top.node = net.adaptive_avg_pool(top.node, "avgpool", 1, {{"avgpool"}, {}, "", ""});
  linear_head(net, top.node, params, "classifier", "classifier.1", 1);
  return net.take();
}

NetParams defaults(const std::string& arch) {
  NetParams params = published_params(arch, build);
  params.input_size = version(arch).input;
  return params;
}

}  // namespace

Family family() {
  return {"efficientnet",
          {"efficientnet_b0", "efficientnet_b1", "efficientnet_b2", "efficientnet_b3",
           "efficientnet_b4"},
          defaults,
          build,
          fit_published,
          has_published_widths};
}

}  // namespace hdecomp::efficientnet
