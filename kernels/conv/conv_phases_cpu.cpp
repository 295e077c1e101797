/// The phases' extents and kernels.
#include "kernels/conv/conv_phases_cpu.h"

#include "kernels/loops/pieces.h"

namespace hdecomp::cpu {
namespace {

constexpr int64_t vector_channels = 16;

bool pairs(const ConvSpec& spec, bool plain) {
  return plain && spec.stride_h == 1 && spec.stride_w == 1 && spec.kernel_h > 1 &&
         spec.kernel_w > 1 && spec.in_channels * 4 <= vector_channels;
}

}  // namespace

PhaseAxis::PhaseAxis(const KernelAxis& axis, int64_t of_phases, int64_t in, int64_t out)
    : block(of_phases),
      stride(axis.stride),
      own_pad(axis.pad),
      own_kernel(axis.size),
      size(pieces(in, block)),
      step(block / stride) {
  pad = (own_kernel - 1 - own_pad) / stride;
  kernel = pad + (block - 1 + own_pad) / stride + 1;
  pad_end = (size - 1) * step + kernel - out - pad;
}

int64_t PhaseAxis::own_tap(int64_t v, int64_t phase) const {
  const int64_t tap = stride * (pad - v) + phase + own_pad;
  return tap >= 0 && tap < own_kernel ? tap : -1;
}

Phases::Phases(const ConvSpec& spec, bool plain)
    : y(spec.y(), pairs(spec, plain) ? 2 : spec.stride_h, spec.height, spec.out_height()),
      x(spec.x(), pairs(spec, plain) ? 2 : spec.stride_w, spec.width, spec.out_width()),
      count(y.block * x.block) {}

bool Phases::fit(const ConvSpec& spec, bool plain) {
  if (spec.groups > 1 || spec.dilation_h > 1 || spec.dilation_w > 1) return false;
  if (spec.pad_h >= spec.kernel_h || spec.pad_w >= spec.kernel_w) return false;
  const Phases phases(spec, plain);
  if (phases.y.pad_end < 0 || phases.x.pad_end < 0) return false;
  return phases.count == 1 || (plain && spec.in_channels * phases.count <= vector_channels);
}

ConvSpec Phases::forward(const ConvSpec& spec) const {
  ConvSpec to = spec;
  to.in_channels = spec.out_channels, to.out_channels = spec.in_channels * count;
  to.height = spec.out_height(), to.width = spec.out_width();
  to.kernel_h = y.kernel, to.kernel_w = x.kernel;
  to.stride_h = y.step, to.stride_w = x.step;
  to.pad_h = y.pad, to.pad_w = x.pad;
  to.far_h = y.pad_end - y.pad, to.far_w = x.pad_end - x.pad;
  to.activation = Activation::none;
  return to;
}

Tensor Phases::weights(const ConvSpec& spec, const Tensor& own) const {
  Tensor to({}, forward(spec).weight_shape());
  float* next = to.data();
  for (int64_t i = 0; i < spec.in_channels; ++i) {
    for (int64_t phase = 0; phase < count; ++phase) {
      for (int64_t o = 0; o < spec.out_channels; ++o) {
        const float* kernel =
            own.data() + (o * spec.in_channels + i) * spec.kernel_h * spec.kernel_w;
        next = put_kernel(kernel, phase / x.block, phase % x.block, next);
      }
    }
  }
  return to;
}

float* Phases::put_kernel(const float* own, int64_t phase_y, int64_t phase_x, float* to) const {
  for (int64_t v = 0; v < y.kernel; ++v) {
    for (int64_t w = 0; w < x.kernel; ++w) {
      const int64_t r = y.own_tap(v, phase_y), s = x.own_tap(w, phase_x);
      *to++ = r < 0 || s < 0 ? 0.0f : own[r * x.own_kernel + s];
    }
  }
  return to;
}

}  // namespace hdecomp::cpu
