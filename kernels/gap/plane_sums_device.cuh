/// What gap_reduce finds out about one plane on the device, cell by cell, and how threads put
/// together what they found.
#pragma once

#include <cuda_runtime.h>

#include <cmath>
#include <cstdint>

namespace hdecomp::cuda {

/// What a thread, later a warp and then a block, knows of one plane.
struct PlaneSums {
  double activation, gradient;
  float peak, max_gradient;
  int32_t position;  // of the peak; -1 for none, which as unsigned is behind every other
};

/// Sums of a stretch of a thread's cells, few enough to be added up in float.
struct StretchSums {
  float activation = 0, gradient = 0;
};

/// Takes a cell; a thread's cells come in rising order, so that of equals the first one stays.
__device__ inline void take(float g, float f, int32_t position, StretchSums& part,
                            PlaneSums& sums) {
  const float a = __fmul_rn(g, f);  // Eq. 3
  part.activation += a;
  part.gradient += g;
  sums.max_gradient = fmaxf(sums.max_gradient, g);
  if (a > sums.peak) {
    sums.peak = a;
    sums.position = position;
  }
}
__device__ inline void take(const float4& g, const float4& f, int32_t quad, StretchSums& part,
                            PlaneSums& sums) {
  take(g.x, f.x, quad * 4, part, sums);
  take(g.y, f.y, quad * 4 + 1, part, sums);
  take(g.z, f.z, quad * 4 + 2, part, sums);
  take(g.w, f.w, quad * 4 + 3, part, sums);
}

__device__ inline void close(const StretchSums& part, PlaneSums& sums) {
  sums.activation += part.activation;
  sums.gradient += part.gradient;
}

__device__ inline PlaneSums merged(PlaneSums a, const PlaneSums& b) {
  a.activation += b.activation;
  a.gradient += b.gradient;
  a.max_gradient = fmaxf(a.max_gradient, b.max_gradient);
  const bool earlier = static_cast<uint32_t>(b.position) < static_cast<uint32_t>(a.position);
  if (b.peak > a.peak || (b.peak == a.peak && earlier)) {
    a.peak = b.peak;
    a.position = b.position;
  }
  return a;
}

__device__ inline PlaneSums of_lane(const PlaneSums& sums, int lane_mask) {
  return {__shfl_xor_sync(0xffffffffu, sums.activation, lane_mask),
          __shfl_xor_sync(0xffffffffu, sums.gradient, lane_mask),
          __shfl_xor_sync(0xffffffffu, sums.peak, lane_mask),
          __shfl_xor_sync(0xffffffffu, sums.max_gradient, lane_mask),
          __shfl_xor_sync(0xffffffffu, sums.position, lane_mask)};
}

}  // namespace hdecomp::cuda
