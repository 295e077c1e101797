/// ResNeXt-50 and 101 (Xie et al. 2017): ResNet's bottlenecks whose 3x3 convolution has groups, as
/// torchvision has them. "32x4d": 32 groups, 4 channels each in the first stage.
#include "nets/family.h"
#include "nets/residual.h"

namespace hdecomp::resnext {
namespace {

struct Cardinality {
  int64_t groups, width;  // width: channels of a group in the first stage
};
Cardinality cardinality(const std::string& arch) {
  if (arch.ends_with("_32x8d")) return {32, 8};
  if (arch.ends_with("_64x4d")) return {64, 4};
  return {32, 4};
}

constexpr int64_t first_outer = 256;  // channels of the first stage's blocks, in all of them

ResidualNet net_of(const std::string& arch) {
  const Cardinality all = cardinality(arch);
  ResidualNet net;
  net.depths = {3, 4, 6, 3};
  if (arch.starts_with("resnext101")) net.depths = {3, 4, 23, 3};
  net.bottleneck = true;
  net.groups = all.groups;
  net.expansion = first_outer / (all.groups * all.width);
  return net;
}

NetParams defaults(const std::string& arch) {
  const Cardinality all = cardinality(arch);
  return residual_params(arch, all.groups * all.width);
}

Graph build(const NetParams& params) { return build_residual(net_of(params.arch), params); }

bool matches(const std::string& arch, const WeightDims& dims) {
  return is_bottleneck_net(net_of(arch), dims);
}

}  // namespace

Family family() {
  return {"resnext",    {"resnext50_32x4d", "resnext101_32x8d", "resnext101_64x4d"},
          defaults,     build,
          fit_residual, matches};
}

}  // namespace hdecomp::resnext
