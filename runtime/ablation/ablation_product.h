/// The products of the fast ablation: a layer's weights over windows.
#pragma once

#include <memory>

#include "kernels/conv/conv.h"
#include "kernels/conv/linear.h"
#include "kernels/core/buffer_pool.h"
#include "weights/model/model_file.h"

namespace hdecomp {

/// Rows of a layer's weight or bias from `first` on, as a tensor of that shape in the same memory.
Tensor weight_rows(const Tensor& all, const Shape& shape, int64_t first);

/// A convolution of windows that hold their halo; a linear layer where the output is one cell. Has
/// the weights' rows from `first_row` on, as many as spec.out_channels; they must outlive it. Takes
/// its own memory from the pool.
class WindowProduct {
 public:
  WindowProduct(const Context& context, BufferPool& pool, const ConvSpec& spec,
                const LayerWeights& weights, int64_t first_row);
  WindowProduct(const WindowProduct&) = delete;
  WindowProduct& operator=(const WindowProduct&) = delete;

  void forward(const Tensor& x, Tensor& y);

 private:
  Tensor weight_, bias_;
  std::unique_ptr<Conv> conv_;
  std::unique_ptr<Linear> linear_;
};

}  // namespace hdecomp
