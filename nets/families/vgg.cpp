/// VGG-11, 13, 16 and 19, with and without batch norm (Simonyan and Zisserman 2015), as torchvision
/// and Keras lay them out.
#include <array>

#include "hdecomp/error.h"
#include "nets/builder.h"
#include "nets/family.h"
#include "nets/family_parts.h"

namespace hdecomp::vgg {
namespace {

constexpr int stages = 5;

/// Convolutions per stage.
std::array<int, stages> depths(const std::string& arch) {
  if (arch.starts_with("vgg11")) return {1, 1, 2, 2, 2};
  if (arch.starts_with("vgg13")) return {2, 2, 2, 2, 2};
  if (arch.starts_with("vgg16")) return {2, 2, 3, 3, 3};
  return {2, 2, 4, 4, 4};  // vgg19
}

NetParams defaults(const std::string& arch) {
  constexpr std::array<int64_t, stages> stage_widths{64, 128, 256, 512, 512};
  NetParams params;
  params.arch = arch;
  for (int stage = 0; stage < stages; ++stage) {
    params.widths.insert(params.widths.end(), depths(arch)[stage], stage_widths[stage]);
  }
  params.hidden_units = {4096, 4096};
  return params;
}

std::string feature(int position) { return joined("features.", position); }

Graph build(const NetParams& params) {
  const bool batch_norm = params.arch.ends_with("_bn");
  const auto depth = depths(params.arch);
  GraphBuilder net(params.arch);
  int top = net.input();
  int position = 0;  // in torchvision's `features`: convolution, (batch norm), ReLU, ..., pool
  size_t next_width = 0;
  for (int stage = 0; stage < stages; ++stage) {
    for (int i = 0; i < depth[stage]; ++i) {
      Aliases names;
      const int relu = position + (batch_norm ? 2 : 1);
      names.torchvision = {feature(position), feature(relu)};
      if (batch_norm) {
        names.torchvision_bn = feature(position + 1);
        names.torchvision.insert(names.torchvision.begin() + 1, names.torchvision_bn);
      }
      names.keras = {joined("block", stage + 1, "_conv", i + 1)};
      position = relu + 1;
      top = net.conv(top, joined("conv", stage + 1, "_", i + 1), params.widths.at(next_width++),
                     {3, 1, 1}, Activation::relu, names);
    }
    const std::string last = joined("conv", stage + 1, "_", depth[stage]);
    net.stage_end(last, top);
    top = net.max_pool(top, joined("pool", stage + 1), {2, 2, 0},
                       {{feature(position++)}, {joined("block", stage + 1, "_pool")}, "", ""});
  }
  if (params.classes == 0) return net.take();
  top = net.adaptive_avg_pool(top, "avgpool", params.pool_size, {{"avgpool"}, {}, "", ""});
  net.classifier(top, params.hidden_units, params.classes, 0, true);
  return net.take();
}

void fit(NetParams& params, const WeightDims& dims) {
  const auto depth = depths(params.arch);
  params.widths.clear();
  for (int stage = 0; stage < stages; ++stage) {
    for (int i = 0; i < depth[stage]; ++i) {
      params.widths.push_back(dims(joined("conv", stage + 1, "_", i + 1)).at(0));
    }
  }
  fit_classifier(params, dims);
}

}  // namespace

Family family() {
  return {"vgg",
          {"vgg11", "vgg11_bn", "vgg13", "vgg13_bn", "vgg16", "vgg16_bn", "vgg19", "vgg19_bn"},
          defaults,
          build,
          fit};
}

}  // namespace hdecomp::vgg
