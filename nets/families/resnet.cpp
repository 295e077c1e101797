/// ResNet-18, 34, 50, 101 and 152 (He et al. 2016): torchvision's, stride in the 3x3, and Keras's
/// ResNet50, stride in the first 1x1.
#include "nets/family.h"
#include "nets/residual.h"

namespace hdecomp::resnet {
namespace {

ResidualNet net_of(const std::string& arch) {
  ResidualNet net;
  net.depths = {3, 4, 6, 3};  // resnet34, resnet50
  if (arch == "resnet18") net.depths = {2, 2, 2, 2};
  if (arch == "resnet101") net.depths = {3, 4, 23, 3};
  if (arch == "resnet152") net.depths = {3, 8, 36, 3};
  net.bottleneck = arch != "resnet18" && arch != "resnet34";
  net.expansion = net.bottleneck ? 4 : 1;
  return net;
}

NetParams defaults(const std::string& arch) { return residual_params(arch, 64); }

Graph build(const NetParams& params) { return build_residual(net_of(params.arch), params); }

bool matches(const std::string& arch, const WeightDims& dims) {
  const ResidualNet net = net_of(arch);
  return !net.bottleneck || is_bottleneck_net(net, dims);
}

}  // namespace

Family family() {
  return {"resnet",     {"resnet18", "resnet34", "resnet50", "resnet101", "resnet152"},
          defaults,     build,
          fit_residual, matches};
}

}  // namespace hdecomp::resnet
