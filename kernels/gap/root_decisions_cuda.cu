/// root_decisions on a GPU: one warp per image.
#include <cmath>

#include "kernels/core/context_cuda.h"
#include "kernels/core/full_grid.cuh"
#include "kernels/core/lanes.cuh"
#include "kernels/gap/root_decisions.h"

namespace hdecomp::cuda {
namespace {

// scores (B, K), roots (B)
__global__ void __launch_bounds__(warp_lanes)
    find_roots(const float* scores, int32_t classes, int32_t asked, int32_t images, Place* roots) {
  const auto image = static_cast<int32_t>(blockIdx.x), lane = static_cast<int32_t>(threadIdx.x);
  const float* row = scores + int64_t{image} * classes;
  int32_t best = max(asked, 0);
  float most = asked < 0 ? -INFINITY : row[best];
  for (int32_t k = lane; asked < 0 && k < classes; k += warp_lanes) {
    if (row[k] > most) {
      most = row[k];
      best = k;
    }
  }
  for (int mask = warp_lanes / 2; mask > 0; mask /= 2) {
    const float other = __shfl_xor_sync(all_lanes, most, mask);
    const int32_t its = __shfl_xor_sync(all_lanes, best, mask);
    if (other > most || (other == most && its < best)) {
      most = other;
      best = its;
    }
  }
  if (lane != 0) return;
  const bool there = image < images && most > 0;
  Place root;
  root.channel = there ? best : 0;
  root.y = root.x = 0;
  root.image = there ? image : -1;
  roots[image] = root;
}

}  // namespace

void root_decisions(const Context& context, const Tensor& scores, int64_t asked, int64_t images,
                    PlaceTensor& roots) {
  const Shape& s = scores.shape();
  if (s[0] == 0) return;
  launch(context.cuda().stream(), "root_decisions", find_roots, block_grid(s[0], warp_lanes),
         scores.data(), static_cast<int32_t>(s[1]), static_cast<int32_t>(asked),
         static_cast<int32_t>(images), roots.data());
}

}  // namespace hdecomp::cuda
