/// The gradient to an image's few channels from maps in blocks of sixteen channels: a vector holds
/// the maps' channels, for the image's fill none. For AVX-512.
#pragma once

#include "kernels/conv/conv.h"

namespace hdecomp::cpu {

class ConvToImage {
 public:
  /// 3 x 3 of stride 1 to three channels, which the fastest loop is for, on this processor.
  static bool suits(const ConvSpec& spec);

  /// Of a spec for one image. The context must outlive it.
  ConvToImage(const Context& context, const ConvSpec& spec, const Tensor& weight);

  /// From dy in blocks of channels to all of `dx`, plain; the same bits on any number of threads.
  void run(const float* dy, float* dx) const;

 private:
  void run_row(const float* dy, int64_t y, float* dx) const;

  const Context& context_;
  ConvSpec spec_;
  Tensor weights_;  // (blocks of the maps' channels, kernel rows, taps of a row, lanes)
};

}  // namespace hdecomp::cpu
