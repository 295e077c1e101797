/// Wide ResNet-50-2 and 101-2 (Zagoruyko and Komodakis 2016) as torchvision has them: ResNet's
/// bottlenecks with twice the inner channels.
#include "nets/family.h"
#include "nets/residual.h"

namespace hdecomp::wide_resnet {
namespace {

ResidualNet net_of(const std::string& arch) {
  ResidualNet net;
  net.depths = {3, 4, arch == "wide_resnet101_2" ? 23 : 6, 3};
  net.bottleneck = true;
  net.expansion = 2;
  return net;
}

NetParams defaults(const std::string& arch) { return residual_params(arch, 128); }

Graph build(const NetParams& params) { return build_residual(net_of(params.arch), params); }

bool matches(const std::string& arch, const WeightDims& dims) {
  return is_bottleneck_net(net_of(arch), dims);
}

}  // namespace

Family family() {
  return {"wide_resnet", {"wide_resnet50_2", "wide_resnet101_2"}, defaults, build, fit_residual,
          matches};
}

}  // namespace hdecomp::wide_resnet
