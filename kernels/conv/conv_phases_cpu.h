/// The gradient to a convolution's input as convolutions of the output's gradient: b x b phases of
/// the input, y = b a + p at a each, as channels; b is the stride, 2 at stride 1 for an image.
#pragma once

#include "kernels/conv/conv.h"

namespace hdecomp::cpu {

/// Along one axis, for phases of `block` cells, a multiple of the stride: tap v of phase p is tap
/// stride (pad - v) + p + own_pad of the convolution's.
struct PhaseAxis {
  int64_t block, stride, own_pad, own_kernel, size, step, pad, pad_end, kernel;

  PhaseAxis(const KernelAxis& axis, int64_t of_phases, int64_t in, int64_t out);

  /// None where another phase's kernel is longer.
  int64_t own_tap(int64_t v, int64_t phase) const;
};

/// Of one spec.
struct Phases {
  PhaseAxis y, x;
  int64_t count;

  /// `plain`: the input lies so, as several phases are spread.
  Phases(const ConvSpec& spec, bool plain);

  static bool fit(const ConvSpec& spec, bool plain);

  /// The convolution of dy.
  ConvSpec forward(const ConvSpec& spec) const;

  /// (in * count, out, kernel_h, kernel_w)
  Tensor weights(const ConvSpec& spec, const Tensor& own) const;

 private:
  float* put_kernel(const float* own, int64_t phase_y, int64_t phase_x, float* to) const;
};

}  // namespace hdecomp::cpu
