/// Residual networks (He et al. 2016): what ResNet, ResNeXt, Wide ResNet and CIFAR's ResNets share.
#pragma once

#include <vector>

#include "nets/family.h"

namespace hdecomp {

enum class ResidualStem {
  imagenet,  // 7x7, stride 2, then a 3x3 max-pool of stride 2
  cifar,     // 3x3
};

/// What fixes an architecture beside NetParams, whose widths are the stem's channels, then each
/// stage's inner channels.
struct ResidualNet {
  std::vector<int> depths;  // blocks of each stage; each but the first halves the map
  bool bottleneck = false;  // 1x1, 3x3, 1x1; else two 3x3
  int64_t expansion = 1;    // a block's channels over its inner ones
  int64_t groups = 1;       // of a bottleneck's 3x3
  ResidualStem stem = ResidualStem::imagenet;
};

Graph build_residual(const ResidualNet& net, const NetParams& params);

/// Of four stages, whose inner channels double from `inner` on.
NetParams residual_params(const std::string& arch, int64_t inner);

/// Family::fit of every residual network.
void fit_residual(NetParams& params, const WeightDims& dims);

/// Whether a bottleneck net's expansion and groups are those of the weights' extents: ResNet-50,
/// Wide ResNet-50-2 and the ResNeXt-50s have the same layers.
bool is_bottleneck_net(const ResidualNet& net, const WeightDims& dims);

}  // namespace hdecomp
