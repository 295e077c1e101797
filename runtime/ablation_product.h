/// The products of the fast ablation: a layer's weights over windows, and over one channel's
/// difference.
#pragma once

#include <memory>

#include "kernels/conv.h"
#include "kernels/linear.h"
#include "runtime/ablation_windows.h"

namespace hdecomp {

/// A convolution of windows that hold their halo; a linear layer where the output is one cell. Has
/// the weights' rows from `first_row` on, as many as spec.out_channels; they must outlive it.
class WindowProduct {
 public:
  WindowProduct(const Context& context, const ConvSpec& spec, const LayerWeights& weights,
                int64_t first_row);
  WindowProduct(const WindowProduct&) = delete;
  WindowProduct& operator=(const WindowProduct&) = delete;

  void forward(const Tensor& x, Tensor& y);

 private:
  Tensor weight_, bias_;
  std::unique_ptr<Conv> conv_;
  std::unique_ptr<Linear> linear_;
};

/// out += the convolution of one channel's difference, over the region `in`, with one kernel.
void add_channel(const AblationKernel& kernel, const float* weight, const AblationRegion& in,
                 const float* difference, const AblationRegion& out, float* to);

}  // namespace hdecomp
