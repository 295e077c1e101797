/// max_pool_window_blocks: a thread takes two neighbours below, a row of the 2 x 2 block of one
/// cell above, in some channels; threads lie side by side as the windows below do in memory.
#include "kernels/window/window_pool_blocks_cuda.h"

#include "kernels/core/quads_device.cuh"
#include "kernels/window/window_device.cuh"

namespace hdecomp::cuda {
namespace {

struct Pairs {
  const float* feature;  // (B, C, H, W), the pool's input
  const float* above;    // (C, D, h, w)
  int64_t above_step;    // D * h * w
  DeviceAxis above_y, above_x;
  Divider by_window, by_row;  // pairs of a window below, and of a row of it
  int total;                  // pairs of one channel: all decisions'
};

/// Where a thread's pair lies.
struct Pair {
  int decision, image;
  int window_y, window_x;  // of its first cell, in the window below
  int map_y, map_x;        // in the map below
  bool is_lower;           // the lower row of its block
  int64_t above;           // its block's cell in the window above, in one channel; -1: outside
};

__device__ Pair pair_of(const Pairs& pairs, const DeviceTarget& target, uint32_t index) {
  Pair pair;
  const uint32_t decision = pairs.by_window.quotient(index);
  const uint32_t within = index - decision * pairs.by_window.divisor;
  const uint32_t row = pairs.by_row.quotient(within);
  const Place& place = target.places[decision];
  pair.decision = static_cast<int>(decision);
  pair.image = static_cast<int>(place.image);
  pair.window_y = static_cast<int>(row);
  pair.window_x = static_cast<int>(within - row * pairs.by_row.divisor) * 2;
  const auto y = static_cast<int>(place.y), x = static_cast<int>(place.x);
  pair.map_y = target.y.begin(y) + pair.window_y;
  pair.map_x = target.x.begin(x) + pair.window_x;  // even, as the window's begin is
  pair.is_lower = pair.map_y % 2 != 0;
  const int above_y = (pair.map_y >> 1) - pairs.above_y.begin(y);
  const int above_x = (pair.map_x >> 1) - pairs.above_x.begin(x);
  // A block that the map's end cuts in two has no cell above.
  const bool there = pair.image >= 0 && pair.map_y >= 0 && (pair.map_y | 1) < target.y.map &&
                     pair.map_x >= 0 && pair.map_x + 1 < target.x.map && above_y >= 0 &&
                     above_y < pairs.above_y.size && above_x >= 0 && above_x < pairs.above_x.size;
  pair.above =
      there ? (int64_t{pair.decision} * pairs.above_y.size + above_y) * pairs.above_x.size + above_x
            : -1;
  return pair;
}

/// The gradients of a block's upper or lower row of features: the first maximum in row-major order
/// has it, if the mask lets it through.
__device__ Pack<2> routed(const DeviceTarget& target, float gradient, const Pack<2>& upper,
                          const Pack<2>& lower, bool is_lower) {
  const float best =
      fmaxf(fmaxf(upper.values[0], upper.values[1]), fmaxf(lower.values[0], lower.values[1]));
  if (target.feature != nullptr) gradient = masked(target, gradient, best);
  const bool in_upper = upper.values[0] == best || upper.values[1] == best;
  const bool first = (is_lower ? lower.values[0] : upper.values[0]) == best;
  if (in_upper == is_lower) gradient = 0;
  return {first ? gradient : 0.0f, first ? 0.0f : gradient};
}

/// below (C, D, 2h, 2w) = the gradients above at the first maxima, masked. `in_pairs`: two
/// neighbours are read or written in one access.
template <bool in_pairs>
__global__ void __launch_bounds__(fill_threads, fill_blocks)
    route_pairs(const DeviceTarget target, const Pairs pairs) {
  const uint32_t index = blockIdx.x * blockDim.x + threadIdx.x;
  if (index >= static_cast<uint32_t>(pairs.total)) return;
  const Pair pair = pair_of(pairs, target, index);
  const int step = static_cast<int>(gridDim.y * blockDim.y) * channels_at_once;
  const int64_t cell = pair.decision * target.plane + pair.window_y * target.x.size + pair.window_x;
  const float* feature = pairs.feature +
                         int64_t{max(pair.image, 0)} * target.channels * target.feature_plane +
                         int64_t{pair.map_y & ~1} * target.x.map + pair.map_x;  // read if there
  int channel = static_cast<int>(blockIdx.y * blockDim.y + threadIdx.y) * channels_at_once;
  for (; channel < target.channels; channel += step) {
    const int count = min(target.channels - channel, channels_at_once);
    Pack<2> upper[channels_at_once], lower[channels_at_once];
    float gradients[channels_at_once];
    for (int q = 0; q < channels_at_once; ++q) {
      const bool there = pair.above >= 0 && q < count;
      const float* from = feature + (channel + q) * target.feature_plane;
      upper[q] = there ? load_two<in_pairs>(from) : Pack<2>{};
      lower[q] = there ? load_two<in_pairs>(from + target.x.map) : Pack<2>{};
      gradients[q] = there ? pairs.above[(channel + q) * pairs.above_step + pair.above] : 0.0f;
    }
    for (int q = 0; q < channels_at_once; ++q) {
      if (q >= count) break;
      store_two<in_pairs>(target.data + (channel + q) * target.channel_step + cell,
                          routed(target, gradients[q], upper[q], lower[q], pair.is_lower),
                          pair.window_x + 1 < target.x.size);
    }
  }
}

}  // namespace

bool is_pool_of_blocks(const WindowKernels& kernel, const Tensor& feature, const WindowBatch& above,
                       const GradientBelow& below) {
  const Window& window = below.batch.window;
  // Where the pooled extent was rounded up, the last kernel reaches beyond the map.
  const bool all_whole =
      2 * above.window.y.map <= window.y.map && 2 * above.window.x.map <= window.x.map;
  return all_whole && kernel == WindowKernels(WindowKernel{2, 2, 0}) && !above.one_hot &&
         below.into == Accumulate::empty && begins_even(window.y) && begins_even(window.x) &&
         (below.mask.feature == nullptr || below.mask.feature->data() == feature.data());
}

void max_pool_window_blocks(const Context& context, const Tensor& feature, const WindowBatch& above,
                            const GradientBelow& below) {
  const DeviceTarget target(below, 0, above.decisions());
  const DeviceWindow window(above.window);
  const int64_t row = (target.x.size + 1) / 2, rows = target.y.size;
  const Pairs pairs{feature.data(),
                    above.data.data(),
                    above.decisions() * above.window.area(),
                    window.y,
                    window.x,
                    Divider::by(rows * row),
                    Divider::by(row),
                    static_cast<int>(above.decisions() * rows * row)};
  const bool in_pairs = is_in_pairs(below.batch.window.x, target.data, feature.data());
  launch(context.cuda().stream(), "max_pool_window_blocks",
         in_pairs ? route_pairs<true> : route_pairs<false>,
         grid_of(pairs.total, target.channels, channels_at_once), target, pairs);
}

}  // namespace hdecomp::cuda
