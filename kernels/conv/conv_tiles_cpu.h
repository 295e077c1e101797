/// Convolution forward on the CPU in tiles of 3 x 3 outputs, by Winograd's F(3x3, 3x3), without the
/// channels that are zero in the whole batch: for many small windows of maps that differ little. A
/// value that is not finite spoils all nine outputs of its tile.
#pragma once

#include "kernels/conv/conv.h"

namespace hdecomp::cpu {

class ConvTiles {
 public:
  /// Whether it is the fastest way.
  static bool suits(const ConvSpec& spec);

  /// The context, the weight and the bias must outlive it.
  ConvTiles(const Context& context, const ConvSpec& spec, const Tensor& weight, const Tensor& bias);

  /// As Conv::forward.
  void run(const Tensor& x, Tensor& y);

 private:
  struct Parts;

  void transform_inputs(const Tensor& x, const Parts& parts) const;
  void transform_kernels(const Parts& parts, int64_t first, int64_t count) const;
  void multiply(const Parts& parts, int64_t count) const;
  void transform_outputs(const Parts& parts, int64_t first, int64_t count, Tensor& y) const;

  const Context& context_;
  const ConvSpec spec_;
  const Tensor& weight_;
  const Tensor& bias_;
};

}  // namespace hdecomp::cpu
