/// MNASNet-B1 of depth 0.5, 0.75, 1 and 1.3 (Tan et al. 2019, arXiv:1807.11626), as torchvision
/// lays them out: one Sequential `layers` with stacks of inverted residuals.
#include <array>

#include "hdecomp/error.h"
#include "nets/family_parts.h"

namespace hdecomp::mnasnet {
namespace {

struct Stack {
  int64_t width, kernel, stride, expansion;
  int count;
};
constexpr Stack stacks[] = {{24, 3, 2, 3, 3}, {40, 5, 2, 3, 3},  {80, 5, 2, 6, 3},
                            {96, 3, 1, 6, 2}, {192, 5, 2, 6, 4}, {320, 3, 1, 6, 1}};
constexpr int64_t stem_width = 32, first_width = 16, last_width = 1280;
constexpr int first_stack = 8;  // in torchvision's `layers`

double depth(const std::string& arch) {
  if (arch == "mnasnet0_5") return 0.5;
  if (arch == "mnasnet0_75") return 0.75;
  return arch == "mnasnet1_3" ? 1.3 : 1.0;
}

/// Of the convolution at `part` of a Sequential, its batch norm and, behind it, its ReLU.
Aliases names_at(const std::string& sequential, int part, bool relu) {
  Aliases names = conv_and_norm(joined(sequential, ".", part), joined(sequential, ".", part + 1));
  if (relu) names.torchvision.push_back(joined(sequential, ".", part + 2));
  return names;
}

Top residual(GraphBuilder& net, const Top& input, const std::string& name, const Stack& stack,
             int64_t width, int64_t stride, WidthList& widths) {
  const std::string torch = name + ".layers";
  Top top = input;
  top.channels = widths.next(input.published * stack.expansion);
  top.node = net.conv(input.node, name + ".expand", top.channels, {1, 1, 0}, Activation::relu,
                      names_at(torch, 0, true));
  top.node = net.conv(top.node, name + ".depthwise", top.channels,
                      {stack.kernel, stride, stack.kernel / 2}, Activation::relu,
                      names_at(torch, 3, true), top.channels);
  project(net, top, input, name, {width, stride, names_at(torch, 6, false)}, widths);
  return top;
}

/// Stages end before the convolutions that stride, and with the last map.
Graph build(const NetParams& params) {
  const double factor = depth(params.arch);
  GraphBuilder net(params.arch);
  WidthList widths(params);
  const std::string torch = "layers";
  const int64_t stem = widths.next(in_eights(stem_width, factor));
  int node = net.conv(net.input(), "layers.0", stem, {3, 2, 1}, Activation::relu,
                      names_at(torch, 0, true));
  node =
      net.conv(node, "layers.3", stem, {3, 1, 1}, Activation::relu, names_at(torch, 3, true), stem);
  Top top{0, widths.next(in_eights(first_width, factor)), in_eights(first_width, factor)};
  top.node = net.conv(node, "layers.6", top.channels, {1, 1, 0}, Activation::none,
                      names_at(torch, 6, false));
  std::string name = "layers.6";
  int number = first_stack;
  for (const Stack& stack : stacks) {
    if (stack.stride > 1) net.stage_end(name, top.node);
    for (int i = 0; i < stack.count; ++i) {
      name = joined("layers.", number, ".", i);
      top = residual(net, top, name, stack, in_eights(stack.width, factor),
                     i == 0 ? stack.stride : 1, widths);
    }
    ++number;
  }
  top.node = net.conv(top.node, "layers.14", widths.next(last_width), {1, 1, 0}, Activation::relu,
                      names_at(torch, number, true));
  net.stage_end("layers.14", top.node);
  top.node = net.adaptive_avg_pool(top.node, "avgpool", 1, {});
  linear_head(net, top.node, params, "classifier", "classifier.1", 1);
  return net.take();
}

NetParams defaults(const std::string& arch) { return published_params(arch, build); }

}  // namespace

Family family() {
  return {"mnasnet",     {"mnasnet0_5", "mnasnet0_75", "mnasnet1_0", "mnasnet1_3"},
          defaults,      build,
          fit_published, has_published_widths};
}

}  // namespace hdecomp::mnasnet
