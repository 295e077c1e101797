/// The window ops of pools and joins on CUDA: each cell below gathers from the cells above that
/// reach it.
#include <algorithm>

#include "hdecomp/error.h"
#include "kernels/core/adaptive_cells.h"
#include "kernels/window/window_device.cuh"
#include "kernels/window/window_pool_blocks_cuda.h"

namespace hdecomp::cuda {
namespace {

/// The gradient above: windows (C, D, h, w), or the decisions' own 1 in a window of one cell.
struct Above {
  const float* data;     // null: one-hot
  int64_t channel_step;  // D * h * w
  int first_channel;     // of the decisions' layer, one-hot
  DeviceWindow window;

  explicit Above(const WindowBatch& batch)
      : data(batch.one_hot ? nullptr : batch.data.data()),
        channel_step(batch.decisions() * batch.window.area()),
        first_channel(static_cast<int>(batch.first_channel)),
        window(batch.window) {}

  template <int n>
  __device__ void read(const Site& site, int y, int x, const int (&channels)[n],
                       float (&values)[n]) const {
    const int64_t at = (int64_t{site.decision} * window.y.size + y) * window.x.size + x;
    for (int q = 0; q < n; ++q) {
      values[q] = data != nullptr ? data[channels[q] * channel_step + at]
                                  : static_cast<float>(channels[q] == site.channel - first_channel);
    }
  }
};

/// The identity.
struct SameCell {
  static constexpr int at_once = channels_at_once;
  Above above;

  __device__ void add(const Site& site, const int (&channels)[channels_at_once],
                      float (&sums)[channels_at_once]) const {
    const DeviceAxis &ay = above.window.y, &ax = above.window.x;
    const int y = site.map_y - ay.begin(site.place_y), x = site.map_x - ax.begin(site.place_x);
    if (y >= 0 && y < ay.size && x >= 0 && x < ax.size) above.read(site, y, x, channels, sums);
  }
};

/// Of the upper cells whose kernel covers a cell of the lower map, those whose first maximum it is.
/// Cells of the upper window that lie outside its map have no gradient.
struct FirstMaxima {
  static constexpr int at_once = channels_at_once;
  const float* feature;  // (B, C, H, W)
  int channels;
  DeviceAxis map_y, map_x;  // of the lower map
  Above above;
  DeviceKernel kernel_y, kernel_x;

  __device__ void add(const Site& site, const int (&chosen)[channels_at_once],
                      float (&sums)[channels_at_once]) const {
    const DeviceAxis &ay = above.window.y, &ax = above.window.x;
    const int reach_y = kernel_y.reach(site.map_y, ay, site.place_y);
    const int reach_x = kernel_x.reach(site.map_x, ax, site.place_x);
    const CellRange rows = kernel_y.covering(reach_y, ay.size);
    const CellRange cells = kernel_x.covering(reach_x, ax.size);
    const float* planes[channels_at_once];
    float own[channels_at_once];
    for (int q = 0; q < channels_at_once; ++q) {
      planes[q] = feature + (int64_t{site.image} * channels + chosen[q]) * map_y.map * map_x.map;
      own[q] = planes[q][site.map_y * map_x.map + site.map_x];
    }
    for (int i = rows.first; i <= rows.last; ++i) {
      const int below_first_y = reach_y - i * kernel_y.stride;
      if (kernel_y.tap_at(below_first_y) < 0) continue;
      const int top = site.map_y - below_first_y;
      for (int j = cells.first; j <= cells.last; ++j) {
        const int below_first_x = reach_x - j * kernel_x.stride;
        if (kernel_x.tap_at(below_first_x) < 0) continue;
        const int left = site.map_x - below_first_x;
        float gradients[channels_at_once];
        above.read(site, i, j, chosen, gradients);
        keep_where_first(site, top, left, planes, own, gradients);
        for (int q = 0; q < channels_at_once; ++q) sums[q] += gradients[q];
      }
    }
  }

  /// Zeroes the gradients of the channels in which another cell of the kernel at (top, left) is the
  /// first maximum in row-major order: an earlier one as large, or a later one larger.
  __device__ void keep_where_first(const Site& site, int top, int left,
                                   const float* const (&planes)[channels_at_once],
                                   const float (&own)[channels_at_once],
                                   float (&gradients)[channels_at_once]) const {
    const int bottom = min(top + kernel_y.extent, map_y.map);
    const int right = min(left + kernel_x.extent, map_x.map);
    bool beaten[channels_at_once] = {};
    for (int y = top; y < bottom; y += kernel_y.dilation) {
      if (y < 0) continue;
      for (int x = left; x < right; x += kernel_x.dilation) {
        if (x < 0) continue;
        const bool earlier = y < site.map_y || (y == site.map_y && x < site.map_x);
        for (int q = 0; q < channels_at_once; ++q) {
          const float other = planes[q][y * map_x.map + x];
          beaten[q] |= (other > own[q]) | (earlier & (other == own[q]));
        }
      }
    }
    for (int q = 0; q < channels_at_once; ++q) gradients[q] = beaten[q] ? 0.0f : gradients[q];
  }
};

/// One axis of adaptive pooling. Below 2^15 each, so that products stay in 32 bits.
struct AdaptiveAxis {
  int cells, map;

  __device__ CellRange covering(int at) const {
    const CellSpan<int> means = adaptive_cells(at, cells, map);
    return {means.begin, means.end - 1};
  }
  __device__ int covered(int cell) const {
    const CellSpan<int> span = adaptive_cells(cell, map, cells);
    return span.end - span.begin;
  }
};

/// An equal share of the mean of the whole map, all that a global pool has.
struct GlobalShare {
  static constexpr int at_once = 2 * channels_at_once;  // its channels need few registers
  float share;  // 1 / the map's cells: a product takes a tenth of a division's time
  Above above;

  __device__ void add(const Site& site, const int (&channels)[at_once],
                      float (&sums)[at_once]) const {
    float gradients[at_once];
    above.read(site, 0, 0, channels, gradients);
    for (int q = 0; q < at_once; ++q) sums[q] += gradients[q] * share;
  }
};

/// An equal share of each mean that a cell is part of.
struct MeanShares {
  static constexpr int at_once = channels_at_once;
  AdaptiveAxis y, x;
  Above above;

  __device__ void add(const Site& site, const int (&channels)[channels_at_once],
                      float (&sums)[channels_at_once]) const {
    const CellRange rows = y.covering(site.map_y), cells = x.covering(site.map_x);
    for (int i = rows.first; i <= rows.last; ++i) {
      for (int j = cells.first; j <= cells.last; ++j) {
        float gradients[channels_at_once];
        above.read(site, i, j, channels, gradients);
        const auto cells_in_mean = static_cast<float>(y.covered(i) * x.covered(j));
        for (int q = 0; q < channels_at_once; ++q) sums[q] += gradients[q] / cells_in_mean;
      }
    }
  }
};

template <class Source>
void fill_all(const Context& context, const char* name, const GradientBelow& below,
              const Source& source) {
  launch_fill(context, name, DeviceTarget(below, 0, below.batch.decisions()), source);
}

}  // namespace

void max_pool_window_backward(const Context& context, const WindowKernels& kernel,
                              const Tensor& feature, const WindowBatch& above,
                              const GradientBelow& below) {
  if (is_pool_of_blocks(kernel, feature, above, below)) {
    return max_pool_window_blocks(context, feature, above, below);
  }
  const DeviceWindow window(below.batch.window);
  fill_all(context, "max_pool_window", below,
           FirstMaxima{feature.data(), static_cast<int>(below.batch.channels), window.y, window.x,
                       Above(above), DeviceKernel(kernel.y), DeviceKernel(kernel.x)});
}

void copy_window_backward(const Context& context, const WindowBatch& above,
                          const GradientBelow& below) {
  fill_all(context, "copy_window", below, SameCell{Above(above)});
}

void adaptive_avg_pool_window_backward(const Context& context, const WindowBatch& above,
                                       const GradientBelow& below) {
  const Above from(above);
  const DeviceWindow window(below.batch.window);
  if (std::max({window.y.size, window.x.size, from.window.y.size, from.window.x.size}) >= 1 << 15) {
    throw Error("adaptive_avg_pool_window: maps of 32768 cells or more on an axis");
  }
  if (from.window.y.size == 1 && from.window.x.size == 1) {
    const float share = 1 / static_cast<float>(below.batch.window.area());
    return fill_all(context, "global_pool_window", below, GlobalShare{share, from});
  }
  fill_all(
      context, "adaptive_avg_pool_window", below,
      MeanShares{{from.window.y.size, window.y.size}, {from.window.x.size, window.x.size}, from});
}

}  // namespace hdecomp::cuda
