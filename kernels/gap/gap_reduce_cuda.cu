/// gap_reduce on a GPU: each plane of gradient and feature read once, by 8 to 256 threads.
#include <algorithm>
#include <bit>
#include <cmath>

#include "hdecomp/error.h"
#include "kernels/core/cuda_shared.h"
#include "kernels/core/full_grid.cuh"
#include "kernels/core/quads_device.cuh"
#include "kernels/gap/gap_reduce.h"
#include "kernels/gap/gap_reduce_device.cuh"

namespace hdecomp::cuda {
namespace {

/// The arrays of a GapResult, each (D, C).
struct Found {
  float* alpha;
  float* peak;
  int32_t* position;
  float* mean_gradient;
  float* max_gradient;
};

/// Merges the sums of a plane's threads, always in the same order, and stores the result.
__device__ void finish(const Planes& planes, const Task& task, PlaneSums sums, const Found& found) {
  __shared__ SharedArray<PlaneSums, block_threads / warp_lanes> of_warps;
  for (int mask = min(planes.lanes(), warp_lanes) / 2; mask > 0; mask /= 2) {
    sums = merged(sums, of_lane(sums, mask));
  }
  if (planes.lanes() > warp_lanes) {
    const auto warp = static_cast<int>(threadIdx.x) / warp_lanes;
    if (threadIdx.x % warp_lanes == 0) of_warps[warp] = sums;
    __syncthreads();
    if (task.lane == 0) {
      for (int i = 1; i < planes.lanes() / warp_lanes; ++i) sums = merged(sums, of_warps[warp + i]);
    }
  }
  if (task.lane != 0 || !task.there) return;
  const int64_t at = int64_t{task.decision} * planes.channels + task.channel;
  found.alpha[at] = static_cast<float>(sums.activation * planes.per_cell);  // Eq. 4
  found.peak[at] = sums.peak;
  found.position[at] = sums.position;  // Eq. 5
  found.mean_gradient[at] = static_cast<float>(sums.gradient * planes.per_cell);
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
               planes.lanes(), sums);
  }
  finish(planes, task, sums, found);
}

/// Gradients inside windows alone.
template <bool pairs>
__global__ void __launch_bounds__(block_threads)
    reduce_windows(Planes planes, DeviceWindow window, Found found) {
  const Task task = task_of_thread(planes);
  PlaneSums sums{0, 0, 0, 0, -1};
  if (task.there && task.image >= 0) {
    const float* g = planes.gradient + task.plane * (window.y.size * window.x.size);
    reduce_rectangle<pairs>(planes, task, g, feature_of(planes, task), window,
                            planes.places[task.decision], sums);
  }
  finish(planes, task, sums, found);
}

/// The largest power of two up to `wanted`, as an exponent; within `least` and `most`.
int32_t bits_of(int64_t wanted, int64_t least, int64_t most) {
  return std::bit_width(static_cast<uint64_t>(std::clamp(wanted, least, most))) - 1;
}

// The threads of a plane must not depend on how many planes there are: a decision's sums are the
// same bits beside any others.

/// For a whole map some 8 cells each.
void share_map(Planes& planes) { planes.lane_bits = bits_of(planes.map / 8, 8, block_threads); }

/// For a window two columns each, up to a warp's width, and about the rows that a thread takes at
/// once, up to twice as many.
void share_window(const Window& window, Planes& planes) {
  const auto width = static_cast<int64_t>(std::bit_ceil(static_cast<uint64_t>(window.x.size)));
  planes.column_bits = bits_of(width / columns_at_once, 4, warp_lanes);
  const int32_t row_bits =
      bits_of(window.y.size / rows_at_once, 1, block_threads >> planes.column_bits);
  planes.lane_bits = std::max(planes.column_bits + row_bits, 3);
}

Found arrays_of(GapResult& result) {
  return {result.alpha.data(), result.peak.data(), result.position.data(),
          result.mean_gradient.data(), result.max_gradient.data()};
}

/// Throws Error if the planes' sizes pass the kernels' 32-bit indexes.
void check_sizes(int64_t planes, int64_t map, int64_t window) {
  constexpr int64_t most = int64_t{1} << 30;
  if (planes > most || map > most || window > most) {
    throw Error(joined("gap_reduce: ", planes, " planes of ", window, " cells in maps of ", map,
                       "; at most 2^30 of each"));
  }
}

Grid grid_for(const Planes& planes) {
  const int64_t threads = (int64_t{planes.channels} * planes.decisions) << planes.lane_bits;
  return full_grid(threads, block_threads);
}

void reduce_whole_maps(const Context& context, Planes planes, GapResult& result) {
  share_map(planes);
  const bool quads =
      planes.map % 4 == 0 && is_aligned(planes.gradient) && is_aligned(planes.feature);
  const auto kernel = quads ? reduce_maps<float4> : reduce_maps<float>;
  launch(context.cuda().stream(), "gap_reduce", kernel, grid_for(planes), planes,
         arrays_of(result));
}

}  // namespace

void gap_reduce(const Context& context, const WindowBatch& gradient, const Tensor& feature,
                GapResult& result) {
  const Window& window = gradient.window;
  const int64_t map = window.y.map * window.x.map, count = gradient.decisions();
  if (count * gradient.channels == 0) return;
  check_sizes(count * gradient.channels, map, window.area());
  Planes planes{gradient.data.data(),         feature.data(),
                gradient.places.data(),       static_cast<int32_t>(gradient.channels),
                static_cast<int32_t>(count),  static_cast<int32_t>(map),
                1 / static_cast<double>(map), Divider::by(count)};
  if (window.whole()) return reduce_whole_maps(context, planes, result);
  share_window(window, planes);
  const bool pairs = is_in_pairs(window.x, planes.gradient, planes.feature);
  launch(context.cuda().stream(), "gap_reduce_windows",
         pairs ? reduce_windows<true> : reduce_windows<false>, grid_for(planes), planes,
         DeviceWindow(window), arrays_of(result));
}

}  // namespace hdecomp::cuda
