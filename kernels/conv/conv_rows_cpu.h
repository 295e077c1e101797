/// Convolution forward on the CPU as one product for a whole batch, without the channels that are
/// zero in all of it: for outputs of a few cells, which oneDNN's convolutions have no rows of
/// vectors for, of maps that differ little.
#pragma once

#include <vector>

#include "kernels/conv/conv.h"
#include "kernels/product/bf16_cpu.h"

namespace hdecomp::cpu {

class ConvRows {
 public:
  /// Whether it is the faster way.
  static bool suits(const ConvSpec& spec);

  /// The context, the weight and the bias must outlive it.
  ConvRows(const Context& context, const ConvSpec& spec, const Tensor& weight, const Tensor& bias);

  /// As Conv::forward.
  void run(const Tensor& x, Tensor& y);

 private:
  struct Parts;

  void gather(const Tensor& x, const Parts& parts) const;
  template <class Number>
  void gather_weights(const Number* weight, const Parts& parts, int64_t first, int64_t outputs,
                      float* to) const;
  void multiply(const Parts& parts) const;
  void put(const Parts& parts, Tensor& y) const;

  const Context& context_;
  const ConvSpec spec_;
  const Tensor& weight_;
  const Bf16* narrow_;  // of a linear layer's weight; or null
  const Tensor& bias_;
  const std::vector<int64_t> places_;  // where in a map each cell's taps lie
};

}  // namespace hdecomp::cpu
