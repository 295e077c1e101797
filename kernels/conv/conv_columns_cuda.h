/// The forward pass of a convolution as one product per image: the weight times the input's patches
/// as columns, which for a 1 x 1 kernel are the input itself.
#pragma once

#include "kernels/conv/conv.h"

namespace hdecomp::cuda {

/// In float32. cuBLAS shares a long product sum out among blocks, which cuDNN's implicit products
/// do not: where a map is so small that these leave most of the GPU idle, this is several times as
/// fast.
class ColumnsConv {
 public:
  /// Whether a convolution gains by it on a GPU of so many multiprocessors.
  static bool suits(const ConvSpec& spec, int multiprocessors);

  /// Makes room for a run.
  ColumnsConv(const Context& context, const ConvSpec& spec, const Tensor& weight);

  /// y = convolution, without bias and ReLU.
  void forward(const Tensor& x, Tensor& y) const;

 private:
  const Context& context_;
  ConvSpec spec_;
  const Tensor& weight_;
};

}  // namespace hdecomp::cuda
