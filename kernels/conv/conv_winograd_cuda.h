/// The forward pass of a 3 x 3 convolution of stride 1 by Winograd's minimal filtering F(4x4, 3x3):
/// 36 multiplications for 16 outputs in place of 144.
#pragma once

#include "kernels/conv/conv.h"

namespace hdecomp::cuda {

/// In float32. The rounding errors are about twice those of a plain product sum: the points 0,
/// +-5/8, +-3/2 and infinity keep the transforms' numbers exact and near 1.
class WinogradConv {
 public:
  /// Whether a convolution can go this way and gains by it: so few channels that the transforms
  /// move more than they save are left to cuDNN.
  static bool suits(const ConvSpec& spec);

  /// Transforms the weight (K, C, 3, 3), and makes room for a run: for the transforms of an image,
  /// or of as many as `transform_bytes` hold. What one product writes, the next reads, so they are
  /// to stay near the second-level cache.
  WinogradConv(const Context& context, const ConvSpec& spec, const Tensor& weight,
               int64_t transform_bytes = int64_t{64} << 20);

  /// y = activation(convolution + bias).
  void forward(const Tensor& x, const Tensor& bias, Tensor& y) const;

 private:
  int64_t tiles(int64_t images) const;
  /// Floats of a transformed row of `images`, a multiple of 4.
  int64_t row(int64_t images) const { return (tiles(images) + 3) / 4 * 4; }
  /// Of the inputs' and the products' transforms.
  int64_t bytes(int64_t images) const;

  const Context& context_;
  ConvSpec spec_;
  Tensor weight_;           // (36, K, C)
  int64_t images_at_once_;  // whose transforms are in memory
};

}  // namespace hdecomp::cuda
