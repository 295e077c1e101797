/// Winograd's F(4x4, 3x3) on CUDA: input and weight transformed, 36 products, output transformed.
#include "kernels/conv/conv_winograd_cuda.h"

#include <algorithm>

#include "kernels/conv/winograd_device.cuh"
#include "kernels/core/context_cuda.h"
#include "kernels/core/divider.cuh"
#include "kernels/core/full_grid.cuh"
#include "kernels/core/lanes.cuh"
#include "kernels/core/to_int.h"
#include "kernels/product/cuda_gemm.h"

namespace hdecomp::cuda {
namespace {

using namespace winograd;

constexpr int tile_threads = 128;

/// Where the tiles of some images lie in their maps, in the width that the device computes in.
struct Tiling {
  int height, width;  // of the map
  int pad;            // of the input's map; 0 for the output's
  int tiles;          // of all images
  int channels;       // of the map
  int64_t row;        // floats from a channel's transformed tiles to the next's
  Divider by_tiles, by_image, by_width;

  __device__ int64_t point_step() const { return channels * row; }
};

/// A thread's channel and tile.
struct TileOfThread {
  int channel, tile;
  int image, y, x;  // the tile's image, and its place in the grid of tiles
  bool there;
};
__device__ TileOfThread tile_of_thread(const Tiling& tiling) {
  const uint32_t i = blockIdx.x * tile_threads + threadIdx.x;
  TileOfThread t;
  t.there = i < static_cast<uint32_t>(tiling.tiles) * tiling.channels;
  t.channel = static_cast<int>(tiling.by_tiles.quotient(i));
  t.tile = static_cast<int>(i - t.channel * tiling.by_tiles.divisor);
  t.image = static_cast<int>(tiling.by_image.quotient(t.tile));
  const auto in_image = static_cast<uint32_t>(t.tile) - t.image * tiling.by_image.divisor;
  t.y = static_cast<int>(tiling.by_width.quotient(in_image));
  t.x = static_cast<int>(in_image - t.y * tiling.by_width.divisor);
  return t;
}

/// weight (pairs, 3, 3) to u (36, pairs), pairs = K * C.
__global__ void __launch_bounds__(tile_threads)
    transform_weights(const float* weight, int pairs, float* u) {
  const int pair = static_cast<int>(blockIdx.x) * tile_threads + static_cast<int>(threadIdx.x);
  if (pair >= pairs) return;
  double half[tile_in][3];
  for (int j = 0; j < 3; ++j) {
    double column[3], transformed[tile_in];
    for (int i = 0; i < 3; ++i) column[i] = weight[int64_t{pair} * 9 + i * 3 + j];
    transform_weight(column, transformed);
    for (int i = 0; i < tile_in; ++i) half[i][j] = transformed[i];
  }
  for (int i = 0; i < tile_in; ++i) {
    double transformed[tile_in];
    transform_weight(half[i], transformed);
    for (int j = 0; j < tile_in; ++j) {
      u[int64_t{i * tile_in + j} * pairs + pair] = static_cast<float>(transformed[j]);
    }
  }
}

/// x (N, C, H, W) to v (36, C, row), a thread per channel and tile; zeros outside the map.
__global__ void __launch_bounds__(tile_threads)
    transform_inputs(const float* x, const Tiling tiling, float* v) {
  const TileOfThread t = tile_of_thread(tiling);
  if (!t.there) return;
  const int top = t.y * tile_out - tiling.pad, left = t.x * tile_out - tiling.pad;
  const float* map = x + (int64_t{t.image} * tiling.channels + t.channel) *
                             (int64_t{tiling.height} * tiling.width);
  float d[tile_in][tile_in];
  for (int i = 0; i < tile_in; ++i) {
    const int y = top + i;
    for (int j = 0; j < tile_in; ++j) {
      const int at = left + j;
      const bool inside = y >= 0 && y < tiling.height && at >= 0 && at < tiling.width;
      d[i][j] = inside ? map[y * tiling.width + at] : 0.0f;
    }
  }
  for (int j = 0; j < tile_in; ++j) {
    float column[tile_in];
    for (int i = 0; i < tile_in; ++i) column[i] = d[i][j];
    transform_input(column);
    for (int i = 0; i < tile_in; ++i) d[i][j] = column[i];
  }
  float* to = v + t.channel * tiling.row + t.tile;
  for (int i = 0; i < tile_in; ++i) {
    transform_input(d[i]);
    for (int j = 0; j < tile_in; ++j) to[(i * tile_in + j) * tiling.point_step()] = d[i][j];
  }
}

/// m (36, K, row) to y (N, K, H, W), with bias and activation.
__global__ void __launch_bounds__(tile_threads)
    transform_outputs(const float* m, const float* bias, Activation activation, const Tiling tiling,
                      float* y) {
  const TileOfThread t = tile_of_thread(tiling);
  if (!t.there) return;
  const float* from = m + t.channel * tiling.row + t.tile;
  float half[tile_out][tile_in];
  for (int j = 0; j < tile_in; ++j) {
    float column[tile_in], transformed[tile_out];
    for (int i = 0; i < tile_in; ++i) column[i] = from[(i * tile_in + j) * tiling.point_step()];
    transform_output(column, transformed);
    for (int i = 0; i < tile_out; ++i) half[i][j] = transformed[i];
  }
  const int top = t.y * tile_out, left = t.x * tile_out;
  const float shift = bias[t.channel];
  float* map = y + (int64_t{t.image} * tiling.channels + t.channel) *
                       (int64_t{tiling.height} * tiling.width);
  for (int i = 0; i < tile_out; ++i) {
    if (top + i >= tiling.height) return;
    float values[tile_out];
    transform_output(half[i], values);
    for (int j = 0; j < tile_out; ++j) {
      values[j] = activated(activation, values[j] + shift);
    }
    float* row = map + (top + i) * tiling.width + left;
    if (tiling.width % tile_out == 0) {
      *reinterpret_cast<float4*>(row) = {values[0], values[1], values[2], values[3]};
      continue;
    }
    for (int j = 0; j < tile_out; ++j) {
      if (left + j < tiling.width) row[j] = values[j];
    }
  }
}

int64_t tiles_along(int64_t size) { return (size + tile_out - 1) / tile_out; }

}  // namespace

bool WinogradConv::suits(const ConvSpec& spec) {
  constexpr int64_t fewest_channels = 16;
  return spec.kernel_h == 3 && spec.kernel_w == 3 && spec.stride_h == 1 && spec.stride_w == 1 &&
         spec.is_plain() && spec.groups == 1 && spec.pad_h == spec.pad_w &&
         spec.in_channels >= fewest_channels && spec.out_channels >= fewest_channels;
}

int64_t WinogradConv::tiles(int64_t images) const {
  return images * tiles_along(spec_.out_height()) * tiles_along(spec_.out_width());
}

int64_t WinogradConv::bytes(int64_t images) const {
  return points * (spec_.in_channels + spec_.out_channels) * row(images) *
         static_cast<int64_t>(sizeof(float));
}

WinogradConv::WinogradConv(const Context& context, const ConvSpec& spec, const Tensor& weight,
                           int64_t transform_bytes)
    : context_(context),
      spec_(spec),
      weight_(context.device(), {points, spec.out_channels, spec.in_channels}),
      images_at_once_(std::clamp<int64_t>(transform_bytes / bytes(1), 1, spec.batch)) {
  const int pairs = to_int(spec.out_channels * spec.in_channels);
  launch(context.cuda().stream(), "winograd_weights", transform_weights,
         full_grid(pairs, tile_threads), weight.data(), pairs, weight_.data());
  context.cuda().scratch.reserve(bytes(images_at_once_));
}

void WinogradConv::forward(const Tensor& x, const Tensor& bias, Tensor& y) const {
  const int64_t in = spec_.in_channels, out = spec_.out_channels;
  for (int64_t first = 0; first < spec_.batch; first += images_at_once_) {
    const int64_t images = std::min(images_at_once_, spec_.batch - first), n = tiles(images);
    const int64_t stride = row(images);
    Tiling tiling{to_int(spec_.height),
                  to_int(spec_.width),
                  to_int(spec_.pad_h),
                  to_int(n),
                  to_int(in),
                  stride,
                  Divider::by(n),
                  Divider::by(tiles(1)),
                  Divider::by(tiles_along(spec_.out_width()))};
    auto* v = static_cast<float*>(context_.cuda().scratch.take(bytes(images)));
    float* m = v + points * in * stride;
    launch(context_.cuda().stream(), "winograd_inputs", transform_inputs,
           full_grid(to_int(n * in), tile_threads),
           x.data() + first * in * spec_.height * spec_.width, tiling, v);
    gemm_each(context_, {points, out * in, in * stride, out * stride}, out, n, in,
              {weight_.data(), in}, {v, stride}, m, stride);
    tiling.height = to_int(spec_.out_height());
    tiling.width = to_int(spec_.out_width());
    tiling.channels = to_int(out);
    launch(context_.cuda().stream(), "winograd_outputs", transform_outputs,
           full_grid(to_int(n * out), tile_threads), m, bias.data(), spec_.activation, tiling,
           y.data() + first * out * spec_.out_height() * spec_.out_width());
  }
}

}  // namespace hdecomp::cuda
