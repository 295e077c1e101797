/// Weights for oneDNN's direct 1 x 1 convolutions, brought to its layout by us: its own reorder
/// (2.6) takes three times as long and more.
#pragma once

#include "kernels/conv/conv_dnnl.h"

namespace hdecomp::cpu {

/// Fills `to` with `weight` (out, in, 1, 1) in the layout `wanted`. False, with nothing written,
/// for larger kernels, which oneDNN brings there as fast as we would, and where it is not the
/// layout that its kernels for AVX-512 ask for most often: a block of output channels side by side
/// for each input channel, these for each block. What fills up the last block is zero.
bool fill_direct_weights(const Context& context, const Tensor& weight,
                         const dnnl::memory::desc& wanted, float* to);

}  // namespace hdecomp::cpu
