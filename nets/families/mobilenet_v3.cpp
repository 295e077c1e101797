/// MobileNet v3, small and large (Howard et al. 2019, arXiv:1905.02244), as torchvision lays them
/// out: inverted residuals with gates and hard swish.
#include <span>

#include "hdecomp/error.h"
#include "nets/family_parts.h"

namespace hdecomp::mobilenet_v3 {
namespace {

struct Block {
  int64_t kernel, expanded, width;
  bool gated, swishes;
  int64_t stride;
};
constexpr Block large[] = {
    {3, 16, 16, false, false, 1}, {3, 64, 24, false, false, 2}, {3, 72, 24, false, false, 1},
    {5, 72, 40, true, false, 2},  {5, 120, 40, true, false, 1}, {5, 120, 40, true, false, 1},
    {3, 240, 80, false, true, 2}, {3, 200, 80, false, true, 1}, {3, 184, 80, false, true, 1},
    {3, 184, 80, false, true, 1}, {3, 480, 112, true, true, 1}, {3, 672, 112, true, true, 1},
    {5, 672, 160, true, true, 2}, {5, 960, 160, true, true, 1}, {5, 960, 160, true, true, 1}};
constexpr Block small[] = {
    {3, 16, 16, true, false, 2}, {3, 72, 24, false, false, 2}, {3, 88, 24, false, false, 1},
    {5, 96, 40, true, true, 2},  {5, 240, 40, true, true, 1},  {5, 240, 40, true, true, 1},
    {5, 120, 48, true, true, 1}, {5, 144, 48, true, true, 1},  {5, 288, 96, true, true, 2},
    {5, 576, 96, true, true, 1}, {5, 576, 96, true, true, 1}};
constexpr int64_t stem_width = 16, last_expansion = 6;

bool is_large(const std::string& arch) { return arch == "mobilenet_v3_large"; }
std::span<const Block> blocks(const std::string& arch) {
  return is_large(arch) ? std::span<const Block>(large) : std::span<const Block>(small);
}

/// A convolution with its batch norm and activation; `group`: of each channel alone.
int conv(GraphBuilder& net, const Top& input, const std::string& name, const std::string& torch,
         int64_t width, Kernel kernel, bool swishes, bool each_alone) {
  Aliases names = conv_norm_names(torch);
  if (!swishes) {
    return net.conv(input.node, name, width, kernel, Activation::relu, names,
                    each_alone ? input.channels : 1);
  }
  names.torchvision = {torch + ".0", torch + ".1"};
  const int sums = net.conv(input.node, name + ".conv", width, kernel, Activation::none, names,
                            each_alone ? input.channels : 1);
  return function_node(net, sums, name, hard_swish, {{torch + ".2", torch}, {}, "", ""});
}

Top residual(GraphBuilder& net, const Top& input, int number, const Block& block,
             WidthList& widths) {
  const std::string name = joined("features.", number), torch = name + ".block";
  Top top = input;
  int part = 0;  // of torchvision's Sequential
  const auto module = [&] { return joined(torch, ".", part++); };
  if (block.expanded != input.published) {
    const int64_t width = widths.next(block.expanded);
    top.node = conv(net, top, name + ".expand", module(), width, {1, 1, 0}, block.swishes, false);
    top.channels = width;
  }
  top.node = conv(net, top, name + ".depthwise", module(), top.channels,
                  {block.kernel, block.stride, block.kernel / 2}, block.swishes, true);
  if (block.gated) {
    const Gate gate{in_eights(block.expanded / 4), block.expanded, nullptr, hard_sigmoid};
    top.node = gate_node(net, top.node, name + ".se", module(), gate, widths);
  }
  const std::string last = module();
  const Aliases names = conv_and_norm(last + ".0", last + ".1");
  project(net, top, input, name, {block.width, block.stride, names}, widths);
  return top;
}

/// torchvision's classifier: a linear layer, hard swish, another; with other counts of hidden
/// layers as other families'.
void head(GraphBuilder& net, int input, const NetParams& params) {
  if (params.hidden_units.size() != 1) {
    return linear_head(net, input, params, "classifier", "classifier", 0);
  }
  int top = net.linear(input, "fc1", params.hidden_units[0], Activation::none,
                       {{"classifier.0"}, {}, "", ""});
  top = function_node(net, top, "fc1.act", hard_swish, {{"classifier.1"}, {}, "", ""});
  net.linear(top, "classifier", params.classes, Activation::none, {{"classifier.3"}, {}, "", ""});
}

/// Stages end before the blocks that stride, and with the last map.
Graph build(const NetParams& params) {
  GraphBuilder net(params.arch);
  WidthList widths(params);
  Top top{0, widths.next(stem_width), stem_width};
  top.node = conv(net, {0, 3, 3}, "features.0", "features.0", top.channels, {3, 2, 1}, true, false);
  int number = 0;
  for (const Block& block : blocks(params.arch)) {
    if (block.stride > 1) net.stage_end(joined("features.", number), top.node);
    top = residual(net, top, ++number, block, widths);
  }
  const std::string last = joined("features.", number + 1);
  const int64_t width = widths.next(last_expansion * top.published);
  top.node = conv(net, top, last, last, width, {1, 1, 0}, true, false);
  net.stage_end(last, top.node);
  head(net, net.adaptive_avg_pool(top.node, "avgpool", 1, {{"avgpool"}, {}, "", ""}), params);
  return net.take();
}

NetParams defaults(const std::string& arch) {
  NetParams params = published_params(arch, build);
  params.hidden_units = {is_large(arch) ? 1280 : 1024};
  return params;
}

}  // namespace

Family family() {
  return {"mobilenet_v3",
          {"mobilenet_v3_large", "mobilenet_v3_small"},
          defaults,
          build,
          fit_published,
          nullptr,
          1e-3};
}

}  // namespace hdecomp::mobilenet_v3
