/// gap_reduce on a GPU: each plane of gradient and feature read once, by 8 to 256 threads.
#include <algorithm>
#include <bit>
#include <cmath>

#include "hdecomp/error.h"
#include "kernels/core/cuda_shared.h"
#include "kernels/full_grid.cuh"
#include "kernels/gap_reduce.h"
#include "kernels/plane_sums_device.cuh"
#include "kernels/quads_device.cuh"
#include "kernels/window_device.cuh"

namespace hdecomp::cuda {
namespace {

constexpr int block_threads = 256, warp_lanes = 32;
constexpr int stretch = 4;  // loads that a thread has on the way at a time

/// C channels, D decisions: plane (d, c) of the gradient is number c * D + d, or d * C + c if
/// `by_decision`. Without `places` all decisions are image 0's.
struct Planes {
  const float* gradient;  // (C, D, h, w) or (D, C, h, w)
  const float* feature;   // (B, C, H, W)
  const Place* places;    // D, or null
  bool by_decision;
  int32_t channels, decisions;
  int32_t map;    // cells: H * W
  int32_t lanes;  // threads of a plane: a power of two
};

/// The arrays of a GapResult, each (D, C).
struct Found {
  float* alpha;
  float* peak;
  int32_t* position;
  float* mean_gradient;
  float* max_gradient;
};

/// The plane that a thread works on; all threads of a warp come, if only to exchange sums.
struct Task {
  int64_t plane;
  int32_t channel, decision, image;
  int32_t lane;
  bool there;  // false beyond the last plane
};

__device__ Task task_of_thread(const Planes& planes) {
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

__device__ const float* feature_of(const Planes& planes, const Task& task) {
  return planes.feature + (int64_t{task.image} * planes.channels + task.channel) * planes.map;
}

/// A thread's share of a whole map of `n` floats or float4s.
template <class T>
__device__ void reduce_map(const T* gradient, const T* feature, int32_t n, int32_t lane,
                           int32_t lanes, PlaneSums& sums) {
  int32_t i = lane;
  for (; i + (stretch - 1) * lanes < n; i += stretch * lanes) {
    T g[stretch], f[stretch];
    for (int k = 0; k < stretch; ++k) {
      g[k] = gradient[i + k * lanes];
      f[k] = feature[i + k * lanes];
    }
    StretchSums part;
    for (int k = 0; k < stretch; ++k) take(g[k], f[k], i + k * lanes, part, sums);
    close(part, sums);
  }
  StretchSums part;
  for (; i < n; i += lanes) take(gradient[i], feature[i], i, part, sums);
  close(part, sums);
}

/// The part of a window's axis that lies inside the map, counted from the window's beginning.
struct Inside {
  int32_t first, count;
};
__device__ Inside inside_map(const DeviceAxis& axis, int32_t begin) {
  const int32_t first = max(-begin, 0);
  return {first, max(min(axis.size, axis.map - begin) - first, 0)};
}

/// A thread's share of the rectangle of a window that lies inside the map, its cells numbered row
/// by row. Cells beyond the rectangle count as zeros, of which the map has some anyway.
__device__ void reduce_rectangle(const float* gradient, const float* feature,
                                 const DeviceWindow& window, const Place& place, int32_t lane,
                                 int32_t lanes, PlaneSums& sums) {
  const int32_t top = window.y.begin(static_cast<int32_t>(place.y));
  const int32_t left = window.x.begin(static_cast<int32_t>(place.x));
  const Inside rows = inside_map(window.y, top), columns = inside_map(window.x, left);
  if (columns.count == 0) return;
  const float* g_first = gradient + rows.first * window.x.size + columns.first;
  const int32_t first = (top + rows.first) * window.x.map + left + columns.first;
  const int32_t row_step = lanes / columns.count, column_step = lanes % columns.count;
  int32_t row = lane / columns.count, column = lane % columns.count;
  while (row < rows.count) {
    float g[stretch], f[stretch];
    int32_t at[stretch];
    for (int k = 0; k < stretch; ++k) {
      const bool inside = row < rows.count;
      at[k] = inside ? first + row * window.x.map + column : 0;
      g[k] = inside ? g_first[row * window.x.size + column] : 0.0f;
      f[k] = inside ? feature[at[k]] : 0.0f;
      row += row_step;
      column += column_step;
      if (column >= columns.count) {
        column -= columns.count;
        ++row;
      }
    }
    StretchSums part;
    for (int k = 0; k < stretch; ++k) take(g[k], f[k], at[k], part, sums);
    close(part, sums);
  }
}

/// Merges the sums of a plane's threads, always in the same order, and stores the result.
__device__ void finish(const Planes& planes, const Task& task, PlaneSums sums, const Found& found) {
  __shared__ SharedArray<PlaneSums, block_threads / warp_lanes> of_warps;
  for (int mask = min(planes.lanes, warp_lanes) / 2; mask > 0; mask /= 2) {
    sums = merged(sums, of_lane(sums, mask));
  }
  if (planes.lanes > warp_lanes) {
    const auto warp = static_cast<int>(threadIdx.x) / warp_lanes;
    if (threadIdx.x % warp_lanes == 0) of_warps[warp] = sums;
    __syncthreads();
    if (task.lane == 0) {
      for (int i = 1; i < planes.lanes / warp_lanes; ++i) sums = merged(sums, of_warps[warp + i]);
    }
  }
  if (task.lane != 0 || !task.there) return;
  const int64_t at = int64_t{task.decision} * planes.channels + task.channel;
  found.alpha[at] = static_cast<float>(sums.activation / planes.map);  // Eq. 4
  found.peak[at] = sums.peak;                                          // Eq. 5
  found.position[at] = sums.position;
  found.mean_gradient[at] = static_cast<float>(sums.gradient / planes.map);
  found.max_gradient[at] = sums.max_gradient;
}

/// Gradients of whole maps. T = float4 where the planes are 16-byte aligned, else float.
template <class T>
__global__ void reduce_maps(Planes planes, Found found) {
  const Task task = task_of_thread(planes);
  PlaneSums sums{0, 0, 0, 0, -1};
  if (task.there && task.image >= 0) {
    sums.max_gradient = -INFINITY;
    const float* g = planes.gradient + task.plane * planes.map;
    reduce_map(reinterpret_cast<const T*>(g), reinterpret_cast<const T*>(feature_of(planes, task)),
               planes.map / static_cast<int32_t>(sizeof(T) / sizeof(float)), task.lane,
               planes.lanes, sums);
  }
  finish(planes, task, sums, found);
}

/// Gradients inside windows alone.
__global__ void reduce_windows(Planes planes, DeviceWindow window, Found found) {
  const Task task = task_of_thread(planes);
  PlaneSums sums{0, 0, 0, 0, -1};
  if (task.there && task.image >= 0) {
    const float* g = planes.gradient + task.plane * (window.y.size * window.x.size);
    reduce_rectangle(g, feature_of(planes, task), window, planes.places[task.decision], task.lane,
                     planes.lanes, sums);
  }
  finish(planes, task, sums, found);
}

/// Threads of a plane: some 16 cells or more for each, as the exchange of sums costs about as much
/// as 16; some 4 where that leaves a GPU with few threads.
int32_t lanes_for(int64_t cells, int64_t planes) {
  constexpr int64_t enough_threads = 1 << 16;
  const int64_t share = cells / 16 * planes < enough_threads ? 4 : 16;
  return static_cast<int32_t>(
      std::bit_floor(static_cast<uint64_t>(std::clamp<int64_t>(cells / share, 8, block_threads))));
}

Found arrays_of(GapResult& result) {
  return {result.alpha.data(), result.peak.data(), result.position.data(),
          result.mean_gradient.data(), result.max_gradient.data()};
}

/// Throws Error if the planes' sizes pass the kernels' 32-bit indexes.
void check_sizes(int64_t planes, int64_t map, int64_t window) {
  constexpr int64_t most = int64_t{1} << 30;
  if (planes > most || map > most || window > most) {
    throw Error(text("gap_reduce: ", planes, " planes of ", window, " cells in maps of ", map,
                     "; at most 2^30 of each"));
  }
}

Grid grid_for(const Planes& planes) {
  const int64_t threads = int64_t{planes.channels} * planes.decisions * planes.lanes;
  return full_grid(threads, block_threads);
}

void reduce_whole_maps(const Context& context, const Planes& planes, GapResult& result) {
  const bool quads =
      planes.map % 4 == 0 && is_aligned(planes.gradient) && is_aligned(planes.feature);
  const auto kernel = quads ? reduce_maps<float4> : reduce_maps<float>;
  launch(context.cuda().stream(), "gap_reduce", kernel, grid_for(planes), planes,
         arrays_of(result));
}

}  // namespace

void gap_reduce(const Context& context, const Tensor& gradient, const Tensor& feature,
                GapResult& result) {
  const Shape& g = gradient.shape();
  const int64_t map = g[2] * g[3];
  check_sizes(g[0] * g[1], map, map);
  const Planes planes{gradient.data(),
                      feature.data(),
                      nullptr,
                      true,
                      static_cast<int32_t>(g[1]),
                      static_cast<int32_t>(g[0]),
                      static_cast<int32_t>(map),
                      lanes_for(map, g[0] * g[1])};
  reduce_whole_maps(context, planes, result);
}

void gap_reduce_windows(const Context& context, const WindowBatch& gradient, const Tensor& feature,
                        GapResult& result) {
  const Window& window = gradient.window;
  const int64_t map = window.y.map * window.x.map, count = gradient.decisions();
  if (count * gradient.channels == 0) return;
  check_sizes(count * gradient.channels, map, window.area());
  const Planes planes{gradient.data.data(),
                      feature.data(),
                      gradient.places.data(),
                      false,
                      static_cast<int32_t>(gradient.channels),
                      static_cast<int32_t>(count),
                      static_cast<int32_t>(map),
                      lanes_for(window.area(), count * gradient.channels)};
  if (window.whole()) return reduce_whole_maps(context, planes, result);
  launch(context.cuda().stream(), "gap_reduce_windows", reduce_windows, grid_for(planes), planes,
         DeviceWindow(window), arrays_of(result));
}

}  // namespace hdecomp::cuda
