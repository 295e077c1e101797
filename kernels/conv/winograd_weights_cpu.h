/// Weights for oneDNN's Winograd convolutions, brought to its layouts by us: its own reorder (2.6)
/// takes 25 times as long.
#pragma once

#include "kernels/conv/conv_dnnl.h"

namespace hdecomp::cpu {

/// Fills `to` with `weight` (out, in, 3, 3) in the layout `wanted`, to the bits that oneDNN's
/// reorder gives. False, with nothing written, where the layout is none of those that are known:
/// tiles of 2 x 2 and 4 x 4 in float32, in the three orders that oneDNN 2.6 asks for on processors
/// with AVX-512.
///
/// What oneDNN says of these layouts is public, how it fills them is not. So the first time that
/// an order is asked for, a small weight is filled both ways; where they differ by a bit, as they
/// might in another version, the order counts as unknown from then on.
bool fill_winograd_weights(const Context& context, const Tensor& weight,
                           const dnnl::memory::desc& wanted, float* to);

}  // namespace hdecomp::cpu
