/// RegNetX and RegNetY (Radosavovic et al. 2020, arXiv:2003.13678), as torchvision lays them out:
/// residual blocks whose 3x3 convolutions have groups of one width; Y's have gates.
#include <algorithm>
#include <array>

#include "nets/family_parts.h"

namespace hdecomp::regnet {
namespace {

/// The published network of each size: its four stages' channels and blocks, and the channels of a
/// group.
struct Size {
  const char* arch;
  std::array<int64_t, 4> widths;
  std::array<int, 4> depths;
  int64_t group_width;
};
constexpr Size sizes[] = {
    {"regnet_x_400mf", {32, 64, 160, 400}, {1, 2, 7, 12}, 16},
    {"regnet_x_800mf", {64, 128, 288, 672}, {1, 3, 7, 5}, 16},
    {"regnet_x_1_6gf", {72, 168, 408, 912}, {2, 4, 10, 2}, 24},
    {"regnet_x_3_2gf", {96, 192, 432, 1008}, {2, 6, 15, 2}, 48},
    {"regnet_x_8gf", {80, 240, 720, 1920}, {2, 5, 15, 1}, 120},
    {"regnet_x_16gf", {256, 512, 896, 2048}, {2, 6, 13, 1}, 128},
    {"regnet_x_32gf", {336, 672, 1344, 2520}, {2, 7, 13, 1}, 168},
    {"regnet_y_400mf", {48, 104, 208, 440}, {1, 3, 6, 6}, 8},
    {"regnet_y_800mf", {64, 144, 320, 784}, {1, 3, 8, 2}, 16},
    {"regnet_y_1_6gf", {48, 120, 336, 888}, {2, 6, 17, 2}, 24},
    {"regnet_y_3_2gf", {72, 216, 576, 1512}, {2, 5, 13, 1}, 24},
    {"regnet_y_8gf", {224, 448, 896, 2016}, {2, 4, 10, 1}, 56},
    {"regnet_y_16gf", {224, 448, 1232, 3024}, {2, 4, 11, 1}, 112},
    {"regnet_y_32gf", {232, 696, 1392, 3712}, {2, 5, 12, 1}, 232},
    {"regnet_y_128gf", {528, 1056, 2904, 7392}, {2, 7, 17, 1}, 264},
};
constexpr int64_t stem_width = 32, squeeze = 4;

/// The 3x3 convolution in groups; of one group its width is read as any other's.
int grouped(GraphBuilder& net, int input, const std::string& name, const std::string& torch,
            int64_t channels, const Size& size, int64_t width, int64_t stride, WidthList& widths) {
  const int64_t group = std::min(size.group_width, width);
  const int64_t groups = width == group ? 1 : std::max<int64_t>(1, channels / group);
  if (width == group) channels = widths.next(width);
  return net.conv(input, name, channels, {3, stride, 1}, Activation::relu, conv_norm_names(torch),
                  groups);
}

Top block(GraphBuilder& net, const Top& input, const std::string& name, const std::string& torch,
          const Size& size, int64_t width, int64_t stride, WidthList& widths) {
  const auto plain = [&](int from, const std::string& part, const std::string& module,
                         int64_t step) {
    return net.conv(from, name + part, widths.next(width), {1, step, 0}, Activation::none,
                    conv_and_norm(module + ".0", module + ".1"));
  };
  int shortcut = input.node;
  if (stride != 1 || width != input.published) {
    shortcut = plain(input.node, ".proj", torch + ".proj", stride);
  }
  const int64_t channels = widths.next(width);
  int top = net.conv(input.node, name + ".a", channels, {1, 1, 0}, Activation::relu,
                     conv_norm_names(torch + ".f.a"));
  top = grouped(net, top, name + ".b", torch + ".f.b", channels, size, width, stride, widths);
  if (size.arch[7] == 'y') {
    const Gate gate{(input.published + squeeze / 2) / squeeze, width, nullptr, sigmoid};
    top = gate_node(net, top, name + ".se", torch + ".f.se", gate, widths);
  }
  top = plain(top, ".c", torch + ".f.c", 1);
  const int sum =
      net.add(top, shortcut, name, Activation::relu, {{torch, torch + ".activation"}, {}, "", ""});
  return {.node = sum, .published = width};
}

/// Stages end before the blocks that stride, and with the last map.
Graph build(const NetParams& params) {
  const Size& size = *std::ranges::find(sizes, params.arch, &Size::arch);
  GraphBuilder net(params.arch);
  WidthList widths(params);
  Top top{.published = stem_width};
  top.node = net.conv(net.input(), "stem", widths.next(stem_width), {3, 2, 1}, Activation::relu,
                      conv_norm_names("stem"));
  net.stage_end("stem", top.node);
  for (size_t stage = 0; stage < size.widths.size(); ++stage) {
    const std::string name = "block" + std::to_string(stage + 1);
    for (int i = 0; i < size.depths.at(stage); ++i) {
      const std::string number = std::to_string(i);
      top = block(net, top, name + "." + number, "trunk_output." + name + "." + name + "-" + number,
                  size, size.widths.at(stage), i == 0 ? 2 : 1, widths);
    }
    net.stage_end(name, top.node);
  }
  top.node = net.adaptive_avg_pool(top.node, "avgpool", 1, {{"avgpool"}, {}, "", ""});
  linear_head(net, top.node, params, "fc", "fc", 0);
  return net.take();
}

/// The largest has published weights of SWAG's photographs alone, of 384 pixels.
NetParams defaults(const std::string& arch) {
  NetParams params = published_params(arch, build);
  if (arch == "regnet_y_128gf") params.input_size = 384;
  return params;
}

}  // namespace

Family family() {
  Family family{"regnet", {}, defaults, build, fit_published};
  for (const Size& size : sizes) family.archs.emplace_back(size.arch);
  return family;
}

}  // namespace hdecomp::regnet
