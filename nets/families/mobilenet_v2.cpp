/// MobileNet v2 (Sandler et al. 2018, arXiv:1801.04381), as torchvision lays it out: inverted
/// residuals, which widen by 1x1, filter each channel alone, and narrow by 1x1.
#include "hdecomp/error.h"
#include "nets/family_parts.h"

namespace hdecomp::mobilenet_v2 {
namespace {

/// Blocks of one width: how many times as wide within, how often, the first one's stride.
struct Stage {
  int64_t expansion, width;
  int count;
  int64_t stride;
};
constexpr Stage stages[] = {{1, 16, 1, 1}, {6, 24, 2, 2},  {6, 32, 3, 2}, {6, 64, 4, 2},
                            {6, 96, 3, 1}, {6, 160, 3, 2}, {6, 320, 1, 1}};
constexpr int64_t stem_width = 32, last_width = 1280;

Top block(GraphBuilder& net, Top input, int number, const Stage& stage, int64_t stride,
          WidthList& widths) {
  const std::string name = joined("features.", number), torch = name + ".conv";
  Top top = input;
  int part = 0;  // of torchvision's Sequential
  if (stage.expansion > 1) {
    top.channels = widths.next(input.channels * stage.expansion);
    top.node = net.conv(top.node, name + ".expand", top.channels, {1, 1, 0}, Activation::relu6,
                        conv_norm_names(joined(torch, ".", part++)));
  }
  top.node = net.conv(top.node, name + ".depthwise", top.channels, {3, stride, 1},
                      Activation::relu6, conv_norm_names(joined(torch, ".", part++)), top.channels);
  Aliases names = conv_and_norm(joined(torch, ".", part), joined(torch, ".", part + 1));
  top.channels = widths.next(stage.width);
  const bool residual = stride == 1 && top.channels == input.channels;
  if (!residual) names.torchvision.push_back(name);
  top.node =
      net.conv(top.node, name + ".project", top.channels, {1, 1, 0}, Activation::none, names);
  if (residual) top.node = net.add(input.node, top.node, name, Activation::none, {});
  return top;
}

/// Stages end before the convolutions that stride, and with the last map.
Graph build(const NetParams& params) {
  GraphBuilder net(params.arch);
  WidthList widths(params);
  Top top{0, widths.next(stem_width)};
  top.node = net.conv(net.input(), "features.0", top.channels, {3, 2, 1}, Activation::relu6,
                      conv_norm_names("features.0"));
  int number = 0;
  for (const Stage& stage : stages) {
    for (int i = 0; i < stage.count; ++i) {
      const int64_t stride = i == 0 ? stage.stride : 1;
      if (stride > 1) net.stage_end(joined("features.", number), top.node);
      top = block(net, top, ++number, stage, stride, widths);
    }
  }
  top.node = net.conv(top.node, "features.18", widths.next(last_width), {1, 1, 0},
                      Activation::relu6, conv_norm_names("features.18"));
  net.stage_end("features.18", top.node);
  top.node = net.adaptive_avg_pool(top.node, "avgpool", 1, {});
  linear_head(net, top.node, params, "classifier", "classifier.1", 1);
  return net.take();
}

NetParams defaults(const std::string& arch) { return published_params(arch, build); }

}  // namespace

Family family() { return {"mobilenet_v2", {"mobilenet_v2"}, defaults, build, fit_published}; }

}  // namespace hdecomp::mobilenet_v2
