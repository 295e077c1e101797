/// gap_reduce's threads: which plane each works on, and its share of the plane's cells.
#pragma once

#include <cuda_runtime.h>

#include "kernels/core/lanes.cuh"
#include "kernels/core/quads_device.cuh"
#include "kernels/gap/plane_sums_device.cuh"
#include "kernels/window/window_device.cuh"

namespace hdecomp::cuda {

// Cells that a thread has on the way at a time, of the gradient and of the feature.
constexpr int stretch = 8;

/// C channels, D decisions: plane (d, c) of the gradient is number c * D + d.
struct Planes {
  const float* gradient;  // (C, D, h, w)
  const float* feature;   // (B, C, H, W)
  const Place* places;    // D
  int32_t channels, decisions;
  int32_t map;              // cells: H * W
  double per_cell;          // 1 / map
  Divider by_decisions;     // D
  int32_t lane_bits = 0;    // 2 to this many threads have a plane
  int32_t column_bits = 0;  // of a window's, 2 to this many take neighbours of a row

  __device__ int32_t lanes() const { return 1 << lane_bits; }
  __device__ int32_t columns() const { return 1 << column_bits; }
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
  task.lane = static_cast<int32_t>(threadIdx.x) & (planes.lanes() - 1);
  task.plane = (int64_t{blockIdx.x} * block_threads + threadIdx.x) >> planes.lane_bits;
  task.there = task.plane < int64_t{planes.channels} * planes.decisions;
  const uint32_t plane = task.there ? static_cast<uint32_t>(task.plane) : 0;
  const uint32_t channel = planes.by_decisions.quotient(plane);
  task.channel = static_cast<int32_t>(channel);
  task.decision = static_cast<int32_t>(plane - channel * planes.by_decisions.divisor);
  task.image = static_cast<int32_t>(planes.places[task.decision].image);
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
constexpr int rows_at_once = 7, columns_at_once = 2;

/// Two cells of a row, `apart` from each other, zeros where they are not `there`: the second is
/// only if `both` are.
template <bool pairs>
__device__ void load_cells(const float* from, int32_t apart, bool there, bool both,
                           Pack<columns_at_once>& cells) {
  if constexpr (pairs) {
    cells = there ? load_pack<2>(from) : Pack<2>{};
  } else {
    cells = {there ? from[0] : 0.0f, both ? from[apart] : 0.0f};
  }
}

/// Takes a thread's cells of a few rows, rising, `row_step` apart from `first` of the map on. Those
/// that are not there are zeros, of which the map has some anyway.
__device__ inline void take_cells(const Pack<columns_at_once> (&g)[rows_at_once],
                                  const Pack<columns_at_once> (&f)[rows_at_once], int32_t first,
                                  int32_t row_step, int32_t column_step, PlaneSums& sums) {
  StretchSums part;
  PlaneSums here{0, 0, 0, 0, -1};
  for (int r = 0; r < rows_at_once; ++r) {
    for (int c = 0; c < columns_at_once; ++c) {
      take(g[r].values[c], f[r].values[c], first + r * row_step + c * column_step, part, here);
    }
  }
  close(part, sums);
  sums.max_gradient = fmaxf(sums.max_gradient, here.max_gradient);
  // In a wide window cells to the right come before those of the next rows.
  if (here.peak > sums.peak ||
      (here.peak == sums.peak && here.position >= 0 && here.position < sums.position)) {
    sums.peak = here.peak;
    sums.position = here.position;
  }
}

/// A thread's share of the rectangle of a window that lies inside the map: of every few rows two
/// columns, neighbours where rows are read in `pairs`, else as far apart as there are threads for
/// them.
template <bool pairs>
__device__ void reduce_rectangle(const Planes& planes, const Task& task, const float* gradient,
                                 const float* feature, const DeviceWindow& window,
                                 const Place& place, PlaneSums& sums) {
  const int32_t top = window.y.begin(static_cast<int32_t>(place.y));
  const int32_t left = window.x.begin(static_cast<int32_t>(place.x));
  const Inside rows = inside_map(window.y, top), columns = inside_map(window.x, left);
  const int32_t threads = planes.columns(), apart = pairs ? 1 : threads;
  const int32_t row_step = planes.lanes() >> planes.column_bits, width = window.x.size;
  const int32_t first_row = task.lane >> planes.column_bits;
  const int32_t first_column = (task.lane & (threads - 1)) * (pairs ? columns_at_once : 1);
  const int32_t corner = (top + rows.first) * window.x.map + left + columns.first;
  const float* g_corner = gradient + rows.first * width + columns.first;
  for (int32_t row = first_row; row < rows.count; row += rows_at_once * row_step) {
    for (int32_t column = first_column; column < columns.count;
         column += columns_at_once * threads) {
      const int32_t at = corner + row * window.x.map + column;
      const float *from_g = g_corner + row * width + column, *from_f = feature + at;
      Pack<columns_at_once> g[rows_at_once], f[rows_at_once];
      for (int r = 0; r < rows_at_once; ++r) {
        const bool there = row + r * row_step < rows.count;
        const bool both = there && column + apart < columns.count;
        load_cells<pairs>(from_g + r * row_step * width, apart, there, both, g[r]);
        load_cells<pairs>(from_f + r * row_step * window.x.map, apart, there, both, f[r]);
      }
      take_cells(g, f, at, row_step * window.x.map, apart, sums);
    }
  }
}

}  // namespace hdecomp::cuda
