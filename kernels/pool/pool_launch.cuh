/// What the pools' kernels share: one thread after another over as many planes as its index
/// reaches.
#pragma once

#include <algorithm>

#include "kernels/core/full_grid.cuh"
#include "kernels/core/lanes.cuh"
#include "kernels/pool/pool_device.cuh"

namespace hdecomp::cuda {

__device__ inline int32_t thread_index() {
  return static_cast<int32_t>(blockIdx.x * block_threads + threadIdx.x);
}

/// body(first plane, threads): as many planes at a time as 32-bit indexes reach.
/// `threads_per_plane` and `other_plane` count the threads and the elements of a plane on the other
/// side.
template <class Body>
void for_each_slice(const Shape& shape, int64_t threads_per_plane, int64_t other_plane, Body body) {
  const int64_t planes = shape[0] * shape[1];
  const int64_t largest = std::max(threads_per_plane, other_plane);
  const int64_t most = std::max<int64_t>(1, (int64_t{1} << 30) / std::max<int64_t>(largest, 1));
  for (int64_t first = 0; first < planes; first += most) {
    body(first, std::min(most, planes - first));
  }
}

inline Grid grid_for(int64_t threads) { return full_grid(threads, block_threads); }

}  // namespace hdecomp::cuda
