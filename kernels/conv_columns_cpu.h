/// Convolution forward on the CPU as one product for a whole batch: for outputs of a few cells,
/// which oneDNN's convolutions have no rows of vectors for.
#pragma once

#include "kernels/conv.h"

namespace hdecomp::cpu {

class ConvColumns {
 public:
  /// Whether it is the faster way.
  static bool suits(const ConvSpec& spec);

  /// The weight and the bias must outlive it.
  ConvColumns(const ConvSpec& spec, const Tensor& weight, const Tensor& bias);

  /// As Conv::forward.
  void run(const Context& context, const Tensor& x, Tensor& y);

 private:
  void gather(const Context& context, const Tensor& x);
  void multiply(const Context& context);
  void put(const Context& context, Tensor& y) const;

  const ConvSpec& spec_;
  const Tensor& weight_;
  const Tensor& bias_;
  Tensor columns_;   // (in_channels * kernel_h * kernel_w, batch * cells)
  Tensor products_;  // (out_channels, batch * cells)
};

}  // namespace hdecomp::cpu
