/// SqueezeNet 1.0 and 1.1 (Iandola et al. 2016, arXiv:1602.07360), as torchvision lays them out: a
/// fire module squeezes to few channels, then expands by 1x1 and 3x3 side by side.
#include "hdecomp/error.h"
#include "nets/builder.h"
#include "nets/family.h"

namespace hdecomp::squeezenet {
namespace {

constexpr int first_fire = 2, last_fire = 9;  // conv1 comes before, conv10 behind
constexpr int widths_of_fire = 3;             // squeeze, expand1x1, expand3x3

/// Where the versions differ: the stem, and the fires that a pool comes before.
struct Version {
  Kernel stem;
  int64_t stem_width;
  bool pool_before(int fire) const { return fire == first_fire || fire == second || fire == third; }
  int second, third;
};
Version version(const std::string& arch) {
  if (arch == "squeezenet1_0") return {{7, 2, 0}, 96, 5, 9};
  return {{3, 2, 0}, 64, 4, 6};
}

NetParams defaults(const std::string& arch) {
  NetParams params;
  params.arch = arch;
  params.widths = {version(arch).stem_width};
  for (int fire = first_fire; fire <= last_fire; ++fire) {
    const int64_t step = fire / 2;  // 1 to 4: a pair of fires each
    params.widths.insert(params.widths.end(), {16 * step, 64 * step, 64 * step});
  }
  params.pool_size = 1;
  return params;
}

std::string fire_name(int fire) { return joined("fire", fire); }

/// `torch`: the module's name in torchvision.
int fire_module(GraphBuilder& net, int input, int fire, const std::string& torch,
                const NetParams& params) {
  const size_t first = 1 + static_cast<size_t>(fire - first_fire) * widths_of_fire;
  const auto conv = [&](int from, const std::string& part, size_t width, Kernel kernel) {
    return net.conv(from, fire_name(fire) + "." + part, params.widths.at(first + width), kernel,
                    Activation::relu,
                    {{torch + "." + part, torch + "." + part + "_activation"}, {}, "", ""});
  };
  const int squeezed = conv(input, "squeeze", 0, {1, 1, 0});
  const int narrow = conv(squeezed, "expand1x1", 1, {1, 1, 0});
  const int wide = conv(squeezed, "expand3x3", 2, {3, 1, 1});
  return net.concat({narrow, wide}, fire_name(fire), {{torch}, {}, "", ""});
}

/// Stages end before the pools, and with the last fire.
Graph build(const NetParams& params) {
  const Version v = version(params.arch);
  GraphBuilder net(params.arch);
  const auto feature = [](int position) { return joined("features.", position); };
  int top = net.conv(net.input(), "conv1", params.widths.at(0), v.stem, Activation::relu,
                     {{feature(0), feature(1)}, {}, "", ""});
  std::string name = "conv1";
  int position = 2, pools = 0;  // in torchvision's `features`
  for (int fire = first_fire; fire <= last_fire; ++fire) {
    if (v.pool_before(fire)) {
      net.stage_end(name, top);
      top = net.max_pool(top, joined("pool", ++pools), {3, 2, 0},
                         {{feature(position++)}, {}, "", ""}, Rounding::up);
    }
    top = fire_module(net, top, fire, feature(position++), params);
    name = fire_name(fire);
  }
  net.stage_end(name, top);
  if (params.classes == 0) return net.take();
  top = net.conv(top, "conv10", params.classes, {1, 1, 0}, Activation::relu,
                 {{"classifier.1", "classifier.2"}, {}, "", ""});
  net.adaptive_avg_pool(top, "avgpool", 1, {{"classifier.3"}, {}, "", ""});
  return net.take();
}

void fit(NetParams& params, const WeightDims& dims) {
  params.widths = {dims("conv1").at(0)};
  for (int fire = first_fire; fire <= last_fire; ++fire) {
    for (const char* part : {".squeeze", ".expand1x1", ".expand3x3"}) {
      params.widths.push_back(dims(fire_name(fire) + part).at(0));
    }
  }
  if (params.classes > 0) params.classes = dims("conv10").at(0);
}

}  // namespace

Family family() { return {"squeezenet", {"squeezenet1_0", "squeezenet1_1"}, defaults, build, fit}; }

}  // namespace hdecomp::squeezenet
