/// AlexNet as torchvision has it: one tower, five convolutions (Krizhevsky 2014, arXiv:1404.5997).
#include <array>

#include "hdecomp/error.h"
#include "nets/builder.h"
#include "nets/family.h"
#include "nets/family_parts.h"

namespace hdecomp::alexnet {
namespace {

struct Layer {
  Kernel kernel;
  int position;  // in torchvision's `features`
  bool pool;     // followed by a 3x3 max-pool of stride 2
};
constexpr std::array<Layer, 5> layers{{{{11, 4, 2}, 0, true},
                                       {{5, 1, 2}, 3, true},
                                       {{3, 1, 1}, 6, false},
                                       {{3, 1, 1}, 8, false},
                                       {{3, 1, 1}, 10, true}}};

NetParams defaults(const std::string& arch) {
  NetParams params;
  params.arch = arch;
  params.widths = {64, 192, 384, 256, 256};
  params.hidden_units = {4096, 4096};
  params.pool_size = 6;
  return params;
}

std::string feature(int position) { return joined("features.", position); }

Graph build(const NetParams& params) {
  GraphBuilder net(params.arch);
  int top = net.input();
  for (size_t i = 0; i < layers.size(); ++i) {
    const auto& [kernel, position, pool] = layers[i];
    const std::string name = joined("conv", i + 1);
    top = net.conv(top, name, params.widths.at(i), kernel, Activation::relu,
                   {{feature(position), feature(position + 1)}, {}, "", ""});
    net.stage_end(name, top);
    if (pool) {
      top = net.max_pool(top, joined("pool", i + 1), {3, 2, 0},
                         {{feature(position + 2)}, {}, "", ""});
    }
  }
  if (params.classes == 0) return net.take();
  top = net.adaptive_avg_pool(top, "avgpool", params.pool_size, {{"avgpool"}, {}, "", ""});
  net.classifier(top, params.hidden_units, params.classes, 1, false);
  return net.take();
}

void fit(NetParams& params, const WeightDims& dims) {
  for (size_t i = 0; i < layers.size(); ++i) {
    params.widths.at(i) = dims(joined("conv", i + 1)).at(0);
  }
  fit_classifier(params, dims);
}

}  // namespace

Family family() { return {"alexnet", {"alexnet"}, defaults, build, fit}; }

}  // namespace hdecomp::alexnet
