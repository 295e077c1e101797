/// keep_cover on a GPU: a warp for each decision adds up its contributions; its first lane goes
/// through what was chosen.
#include "kernels/core/context_cuda.h"
#include "kernels/core/full_grid.cuh"
#include "kernels/core/lanes.cuh"
#include "kernels/gap/cover.h"

namespace hdecomp::cuda {
namespace {

constexpr int cover_threads = 128, cover_warps = cover_threads / warp_lanes;

/// alpha (D, C), channels (D, N)
__global__ void __launch_bounds__(cover_threads)
    keep_covering(const float* alpha, int64_t decisions, int64_t count, double cover,
                  int32_t* channels, int64_t n) {
  const auto thread = static_cast<int32_t>(threadIdx.x), lane = thread % warp_lanes;
  const int64_t decision = int64_t{blockIdx.x} * cover_warps + thread / warp_lanes;
  if (decision >= decisions) return;
  const float* row = alpha + decision * count;
  double positive = 0;
  for (int64_t c = lane; c < count; c += warp_lanes) positive += row[c] > 0 ? row[c] : 0.0f;
  for (int mask = warp_lanes / 2; mask > 0; mask /= 2) {
    positive += __shfl_xor_sync(all_lanes, positive, mask);
  }
  if (lane != 0) return;
  int32_t* chosen = channels + decision * n;
  double covered = 0;
  for (int64_t i = 0; i < n && chosen[i] >= 0; ++i) {
    if (covered >= cover * positive) {
      chosen[i] = -1;
    } else {
      covered += row[chosen[i]];
    }
  }
}

}  // namespace

void keep_cover(const Context& context, const Tensor& alpha, double cover, IndexTensor& channels) {
  const int64_t decisions = alpha.shape()[0];
  if (decisions == 0) return;
  launch(context.cuda().stream(), "keep_cover", keep_covering,
         full_grid(decisions * warp_lanes, cover_threads), alpha.data(), decisions,
         alpha.shape()[1], cover, channels.data(), channels.shape()[1]);
}

}  // namespace hdecomp::cuda
