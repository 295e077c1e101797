/// Convolution as a product with columns on CUDA.
#include "kernels/conv/conv_columns_cuda.h"

#include <algorithm>

#include "kernels/core/context_cuda.h"
#include "kernels/core/divider.cuh"
#include "kernels/core/full_grid.cuh"
#include "kernels/core/lanes.cuh"
#include "kernels/core/to_int.h"
#include "kernels/product/cuda_gemm.h"

namespace hdecomp::cuda {
namespace {

/// The input itself is the matrix of columns.
bool is_pointwise(const ConvSpec& spec) {
  return spec.kernel_h == 1 && spec.kernel_w == 1 && spec.stride_h == 1 && spec.stride_w == 1 &&
         spec.pad_h == 0 && spec.pad_w == 0;
}

int64_t taps(const ConvSpec& spec) { return spec.kernel_h * spec.kernel_w; }
int64_t out_plane(const ConvSpec& spec) { return spec.out_height() * spec.out_width(); }
/// Floats of an image's columns.
int64_t column_floats(const ConvSpec& spec) {
  return spec.in_channels * taps(spec) * out_plane(spec);
}

/// The extents of a convolution on the device.
struct Patches {
  int kernel_h, kernel_w, stride_h, stride_w, pad_h, pad_w;
  int height, width;
  Divider by_out_plane, by_out_width, by_taps, by_kernel_w;
};

/// x (N C, H, W) to columns (N C k_h k_w, P Q): a thread per element.
__global__ void __launch_bounds__(block_threads)
    take_patches(const float* x, const Patches p, uint32_t elements, float* columns) {
  const uint32_t i = blockIdx.x * block_threads + threadIdx.x;
  if (i >= elements) return;
  const uint32_t line = p.by_out_plane.quotient(i), cell = i - line * p.by_out_plane.divisor;
  const uint32_t plane = p.by_taps.quotient(line), tap = line - plane * p.by_taps.divisor;
  const auto tap_y = static_cast<int>(p.by_kernel_w.quotient(tap));
  const int tap_x = static_cast<int>(tap) - tap_y * p.kernel_w;
  const auto out_y = static_cast<int>(p.by_out_width.quotient(cell));
  const int out_x = static_cast<int>(cell - out_y * p.by_out_width.divisor);
  const int y = out_y * p.stride_h - p.pad_h + tap_y, at = out_x * p.stride_w - p.pad_w + tap_x;
  const bool inside = y >= 0 && y < p.height && at >= 0 && at < p.width;
  columns[i] = inside ? x[(int64_t{plane} * p.height + y) * p.width + at] : 0.0f;
}

}  // namespace

bool ColumnsConv::suits(const ConvSpec& spec, int multiprocessors) {
  if (spec.groups != 1 || !spec.is_plain()) return false;
  if (is_pointwise(spec)) return true;
  // cuDNN's smallest tile is 32 x 32 outputs, a block's; a block of each for every multiprocessor
  // twice over is what keeps a GPU busy.
  const auto tiles_of = [](int64_t outputs) { return (outputs + 31) / 32; };
  const int64_t blocks = tiles_of(spec.batch * out_plane(spec)) * tiles_of(spec.out_channels);
  constexpr int64_t long_sum = 512;
  constexpr int64_t most_floats = int64_t{1} << 26;
  return blocks < 2 * multiprocessors && spec.in_channels * taps(spec) >= long_sum &&
         spec.batch * column_floats(spec) <= most_floats;
}

ColumnsConv::ColumnsConv(const Context& context, const ConvSpec& spec, const Tensor& weight)
    : context_(context), spec_(spec), weight_(weight) {
  if (is_pointwise(spec)) return;
  context.cuda().scratch.reserve(spec.batch * column_floats(spec) *
                                 static_cast<int64_t>(sizeof(float)));
}

void ColumnsConv::forward(const Tensor& x, Tensor& y) const {
  const float* columns = x.data();
  if (!is_pointwise(spec_)) {
    const int64_t elements = spec_.batch * column_floats(spec_);
    auto* taken = static_cast<float*>(
        context_.cuda().scratch.take(elements * static_cast<int64_t>(sizeof(float))));
    const Patches patches{device_extent(spec_.kernel_h), device_extent(spec_.kernel_w),
                          device_extent(spec_.stride_h), device_extent(spec_.stride_w),
                          device_extent(spec_.pad_h),    device_extent(spec_.pad_w),
                          device_extent(spec_.height),   device_extent(spec_.width),
                          Divider::by(out_plane(spec_)), Divider::by(spec_.out_width()),
                          Divider::by(taps(spec_)),      Divider::by(spec_.kernel_w)};
    launch(context_.cuda().stream(), "conv_columns", take_patches,
           full_grid(elements, block_threads), x.data(), patches, static_cast<uint32_t>(elements),
           taken);
    columns = taken;
  }
  const int64_t sum = spec_.in_channels * taps(spec_), n = out_plane(spec_);
  gemm_each(context_, {spec_.batch, 0, sum * n, spec_.out_channels * n}, spec_.out_channels, n, sum,
            {weight_.data(), sum}, {columns, n}, y.data(), n);
}

}  // namespace hdecomp::cuda
