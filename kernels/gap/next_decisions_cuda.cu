/// next_decisions on a GPU: one thread per chosen channel.
#include "kernels/core/context_cuda.h"
#include "kernels/core/full_grid.cuh"
#include "kernels/core/lanes.cuh"
#include "kernels/gap/next_decisions.h"

namespace hdecomp::cuda {
namespace {

constexpr int decision_threads = 128;

struct Level {
  const Place* above;        // (D)
  const int32_t* channels;   // (D, N)
  const int32_t* positions;  // (D, C)
  const float* feature;      // (B, C, H, W)
  int64_t total, n, count, width, map;
};

// values (D, N), next (D * N)
__global__ void __launch_bounds__(decision_threads)
    place_decisions(Level level, float* values, Place* next) {
  const int64_t i = int64_t{blockIdx.x} * decision_threads + threadIdx.x;
  if (i >= level.total) return;
  const int64_t decision = i / level.n, channel = level.channels[i];
  const int64_t image = level.above[decision].image;
  const int64_t position =
      image < 0 || channel < 0 ? -1 : level.positions[decision * level.count + channel];
  const bool there = position >= 0;
  const float value =
      there ? level.feature[(image * level.count + channel) * level.map + position] : 0.0f;
  values[i] = value;
  Place place;
  place.channel = there ? channel : 0;
  place.y = there ? position / level.width : 0;
  place.x = there ? position % level.width : 0;
  place.image = value > 0 ? image : -1;
  next[i] = place;
}

}  // namespace

void next_decisions(const Context& context, std::span<const Place> above,
                    const IndexTensor& channels, const IndexTensor& positions,
                    const Tensor& feature, Tensor& values, PlaceTensor& next) {
  const Shape& f = feature.shape();
  const Level level{above.data(),
                    channels.data(),
                    positions.data(),
                    feature.data(),
                    channels.elements(),
                    channels.shape()[1],
                    f[1],
                    f[3],
                    f[2] * f[3]};
  if (level.total == 0) return;
  launch(context.cuda().stream(), "next_decisions", place_decisions,
         full_grid(level.total, decision_threads), level, values.data(), next.data());
}

}  // namespace hdecomp::cuda
