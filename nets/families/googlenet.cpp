/// GoogLeNet (Szegedy et al. 2015, arXiv:1409.4842), as torchvision lays it out, with batch norms:
/// four branches side by side, of 1x1, of two 3x3 and of a pool.
#include "hdecomp/error.h"
#include "nets/family_parts.h"

namespace hdecomp::googlenet {
namespace {

/// Of a module: the first branch, the narrowing and the wide convolution of the next two, the
/// pool's. `pool`: the kernel of a pool before it.
struct Module {
  const char* name;
  int64_t first, narrow, wide, narrow_too, wide_too, pooled;
  int64_t pool;
};
constexpr Module modules[] = {{"inception3a", 64, 96, 128, 16, 32, 32, 3},
                              {"inception3b", 128, 128, 192, 32, 96, 64, 0},
                              {"inception4a", 192, 96, 208, 16, 48, 64, 3},
                              {"inception4b", 160, 112, 224, 24, 64, 64, 0},
                              {"inception4c", 128, 128, 256, 24, 64, 64, 0},
                              {"inception4d", 112, 144, 288, 32, 64, 64, 0},
                              {"inception4e", 256, 160, 320, 32, 128, 128, 0},
                              {"inception5a", 256, 160, 320, 32, 128, 128, 2},
                              {"inception5b", 384, 192, 384, 48, 128, 128, 0}};

int conv(GraphBuilder& net, int input, const std::string& name, int64_t width, Kernel kernel) {
  return net.conv(input, name, width, kernel, Activation::relu,
                  {{name + ".conv", name + ".bn", name}, {}, name + ".bn", ""});
}

int inception(GraphBuilder& net, int input, const Module& m, WidthList& widths) {
  const std::string name = m.name;
  const auto branch = [&](const char* part, int from, int64_t width, Kernel kernel) {
    return conv(net, from, name + part, widths.next(width), kernel);
  };
  const int first = branch(".branch1", input, m.first, {1, 1, 0});
  int second = branch(".branch2.0", input, m.narrow, {1, 1, 0});
  second = branch(".branch2.1", second, m.wide, {3, 1, 1});
  int third = branch(".branch3.0", input, m.narrow_too, {1, 1, 0});
  third = branch(".branch3.1", third, m.wide_too, {3, 1, 1});
  int fourth = net.max_pool(input, name + ".pool", {3, 1, 1}, {{name + ".branch4.0"}, {}, "", ""},
                            Rounding::up);
  fourth = branch(".branch4.1", fourth, m.pooled, {1, 1, 0});
  return net.concat({first, second, third, fourth}, name, {});
}

/// Stages end before the pools, and with the last map.
Graph build(const NetParams& params) {
  GraphBuilder net(params.arch);
  WidthList widths(params);
  int pools = 0;
  const auto pool = [&](int input, int64_t size) {
    const std::string name = joined("maxpool", ++pools);
    return net.max_pool(input, name, {size, 2, 0}, {{name}, {}, "", ""}, Rounding::up);
  };
  int top = conv(net, net.input(), "conv1", widths.next(64), {7, 2, 3});
  net.stage_end("conv1", top);
  top = conv(net, pool(top, 3), "conv2", widths.next(64), {1, 1, 0});
  top = conv(net, top, "conv3", widths.next(192), {3, 1, 1});
  std::string last = "conv3";
  for (const Module& module : modules) {
    if (module.pool > 0) {
      net.stage_end(last, top);
      top = pool(top, module.pool);
    }
    top = inception(net, top, module, widths);
    last = module.name;
  }
  net.stage_end(last, top);
  top = net.adaptive_avg_pool(top, "avgpool", 1, {{"avgpool"}, {}, "", ""});
  linear_head(net, top, params, "fc", "fc", 0);
  return net.take();
}

NetParams defaults(const std::string& arch) { return published_params(arch, build); }

}  // namespace

Family family() {
  return {"googlenet", {"googlenet"}, defaults, build, fit_published, nullptr, 1e-3};
}

}  // namespace hdecomp::googlenet
