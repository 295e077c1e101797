/// CIFAR's ResNet-20 to 110 (He et al. 2016, Section 4.2): three stages for inputs of 32 x 32,
/// shortcuts by a 1x1 convolution (the paper's option B) or by stride and channels of zeros (A).
#include "hdecomp/error.h"
#include "nets/family.h"
#include "nets/residual.h"

namespace hdecomp::cifar_resnet {
namespace {

constexpr const char* prefix = "cifar_resnet";

ResidualNet net_of(const std::string& arch) {
  const int layers = std::stoi(arch.substr(std::char_traits<char>::length(prefix)));
  const int blocks = (layers - 2) / 6;  // of two layers in three stages, beside stem and head
  ResidualNet net;
  net.depths = {blocks, blocks, blocks};
  net.stem = ResidualStem::cifar;
  return net;
}

NetParams defaults(const std::string& arch) {
  NetParams params;
  params.arch = arch;
  params.widths = {16, 16, 32, 64};
  params.classes = 10;
  params.input_size = 32;
  params.pool_size = 1;
  return params;
}

Graph build(const NetParams& params) { return build_residual(net_of(params.arch), params); }

}  // namespace

Family family() {
  Family family{"cifar_resnet", {}, defaults, build, fit_residual};
  for (const int layers : {20, 32, 44, 56, 110}) family.archs.push_back(joined(prefix, layers));
  return family;
}

}  // namespace hdecomp::cifar_resnet
