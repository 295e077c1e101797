/// gap_reduce's threads: which plane each works on, and its share of the plane's cells.
#pragma once

#include <cuda_runtime.h>

#include "kernels/plane_sums_device.cuh"
#include "kernels/window_device.cuh"

namespace hdecomp::cuda {

constexpr int block_threads = 256, warp_lanes = 32;
// Cells that a thread has on the way at a time, of the gradient and of the feature.
constexpr int stretch = 8;

/// C channels, D decisions: plane (d, c) of the gradient is number c * D + d, or d * C + c if
/// `by_decision`. Without `places` all decisions are image 0's.
struct Planes {
  const float* gradient;  // (C, D, h, w) or (D, C, h, w)
  const float* feature;   // (B, C, H, W)
  const Place* places;    // D, or null
  bool by_decision;
  int32_t channels, decisions;
  int32_t map;          // cells: H * W
  int32_t lanes;        // threads of a plane: a power of two
  int32_t columns = 1;  // of a window, those that take neighbours of a row: a power of two
};

/// The plane that a thread works on; all threads of a warp come, if only to exchange sums.
struct Task {
  int64_t plane;
  int32_t channel, decision, image;
  int32_t lane;
  bool there;  // false beyond the last plane
};

__device__ inline Task task_of_thread(const Planes& planes) {
  Task task;
  task.lane = static_cast<int32_t>(threadIdx.x) % planes.lanes;
  task.plane = (int64_t{blockIdx.x} * block_threads + threadIdx.x) / planes.lanes;
  task.there = task.plane < int64_t{planes.channels} * planes.decisions;
  const auto plane = task.there ? static_cast<int32_t>(task.plane) : 0;
  task.channel = planes.by_decision ? plane % planes.channels : plane / planes.decisions;
  task.decision = planes.by_decision ? plane / planes.channels : plane % planes.decisions;
  task.image =
      planes.places == nullptr ? 0 : static_cast<int32_t>(planes.places[task.decision].image);
  return task;
}

__device__ inline const float* feature_of(const Planes& planes, const Task& task) {
  return planes.feature + (int64_t{task.image} * planes.channels + task.channel) * planes.map;
}

/// A thread's share of a whole map of `n` floats or float4s.
template <class T>
__device__ void reduce_map(const T* gradient, const T* feature, int32_t n, int32_t lane,
                           int32_t lanes, PlaneSums& sums) {
  constexpr int loads = stretch * sizeof(float) / sizeof(T);
  for (int32_t i = lane; i < n; i += loads * lanes) {
    T g[loads], f[loads];
    for (int k = 0; k < loads; ++k) {
      const bool there = i + k * lanes < n;
      g[k] = there ? gradient[i + k * lanes] : T{};
      f[k] = there ? feature[i + k * lanes] : T{};
    }
    StretchSums part;
    for (int k = 0; k < loads; ++k) {
      if (i + k * lanes < n) take(g[k], f[k], i + k * lanes, part, sums);
    }
    close(part, sums);
  }
}

/// The part of a window's axis that lies inside the map, counted from the window's beginning.
struct Inside {
  int32_t first, count;
};
__device__ inline Inside inside_map(const DeviceAxis& axis, int32_t begin) {
  const int32_t first = max(-begin, 0);
  return {first, max(min(axis.size, axis.map - begin) - first, 0)};
}

/// A thread's rows and columns at a time.
constexpr int rows_at_once = 4, columns_at_once = 2;

/// What lies at a few cells of a window: row by row, rising.
struct WindowCells {
  float g[rows_at_once][columns_at_once], f[rows_at_once][columns_at_once];
};

/// Takes cells from `first` of the map on, `row_step` and `column_step` apart; those that are not
/// there are zeros, of which the map has some anyway.
__device__ inline void take_cells(const WindowCells& cells, int32_t first, int32_t row_step,
                                  int32_t column_step, PlaneSums& sums) {
  StretchSums part;
  float peak = 0;
  int32_t position = -1;
  for (int r = 0; r < rows_at_once; ++r) {
    for (int c = 0; c < columns_at_once; ++c) {
      const float g = cells.g[r][c], a = __fmul_rn(g, cells.f[r][c]);  // Eq. 3
      part.activation += a;
      part.gradient += g;
      sums.max_gradient = fmaxf(sums.max_gradient, g);
      if (a > peak) {
        peak = a;
        position = first + r * row_step + c * column_step;
      }
    }
  }
  close(part, sums);
  // In a wide window cells to the right come before those of the next rows.
  if (peak > sums.peak || (peak == sums.peak && peak > 0 && position < sums.position)) {
    sums.peak = peak;
    sums.position = position;
  }
}

/// A thread's share of the rectangle of a window that lies inside the map: of every few rows some
/// columns, as far apart as there are threads for them.
__device__ inline void reduce_rectangle(const Planes& planes, const Task& task,
                                        const float* gradient, const float* feature,
                                        const DeviceWindow& window, const Place& place,
                                        PlaneSums& sums) {
  const int32_t top = window.y.begin(static_cast<int32_t>(place.y));
  const int32_t left = window.x.begin(static_cast<int32_t>(place.x));
  const Inside rows = inside_map(window.y, top), columns = inside_map(window.x, left);
  const int32_t row_step = planes.lanes / planes.columns, width = window.x.size;
  const int32_t g_step = row_step * width, f_step = row_step * window.x.map;
  const int32_t corner = (top + rows.first) * window.x.map + left + columns.first;
  const float* g_corner = gradient + rows.first * width + columns.first;
  for (int32_t row = task.lane / planes.columns; row < rows.count; row += rows_at_once * row_step) {
    int32_t column = task.lane % planes.columns;
    for (; column < columns.count; column += columns_at_once * planes.columns) {
      const int32_t at = corner + row * window.x.map + column;
      const float *g = g_corner + row * width + column, *f = feature + at;
      WindowCells cells;
      for (int r = 0; r < rows_at_once; ++r) {
        for (int c = 0; c < columns_at_once; ++c) {
          const bool there =
              row + r * row_step < rows.count && column + c * planes.columns < columns.count;
          cells.g[r][c] = there ? g[r * g_step + c * planes.columns] : 0.0f;
          cells.f[r][c] = there ? f[r * f_step + c * planes.columns] : 0.0f;
        }
      }
      take_cells(cells, at, f_step, planes.columns, sums);
    }
  }
}

}  // namespace hdecomp::cuda
