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

/// A thread's share of the rectangle of a window that lies inside the map: of every `rows`th row
/// every `columns`th cell, in rising order. What lies outside the map are zeros, of which the map
/// has some anyway.
__device__ inline void reduce_rectangle(const Planes& planes, const Task& task,
                                        const float* gradient, const float* feature,
                                        const DeviceWindow& window, const Place& place,
                                        PlaneSums& sums) {
  const int32_t top = window.y.begin(static_cast<int32_t>(place.y));
  const int32_t left = window.x.begin(static_cast<int32_t>(place.x));
  const Inside rows = inside_map(window.y, top), columns = inside_map(window.x, left);
  const int32_t row_step = planes.lanes / planes.columns;
  const int32_t first_row = task.lane / planes.columns, first_column = task.lane % planes.columns;
  const float* g = gradient + rows.first * window.x.size + columns.first;
  const int32_t corner = (top + rows.first) * window.x.map + left + columns.first;
  int32_t row = first_row, column = first_column;
  if (column >= columns.count) return;
  while (row < rows.count) {
    float g_cells[stretch], f_cells[stretch];
    int32_t at[stretch];
    for (int k = 0; k < stretch; ++k) {
      const bool there = row < rows.count;
      at[k] = there ? corner + row * window.x.map + column : -1;
      g_cells[k] = there ? g[row * window.x.size + column] : 0.0f;
      f_cells[k] = there ? feature[at[k]] : 0.0f;
      column += planes.columns;
      if (column >= columns.count) {
        column = first_column;
        row += row_step;
      }
    }
    StretchSums part;
    for (int k = 0; k < stretch; ++k) {
      if (at[k] >= 0) take(g_cells[k], f_cells[k], at[k], part, sums);
    }
    close(part, sums);
  }
}

}  // namespace hdecomp::cuda
