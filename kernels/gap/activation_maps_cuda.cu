/// activation_maps on a GPU: cells of one map for each thread, one at a time or four.
#include <algorithm>

#include "hdecomp/error.h"
#include "kernels/core/full_grid.cuh"
#include "kernels/core/lanes.cuh"
#include "kernels/core/quads_device.cuh"
#include "kernels/gap/activation_maps.h"
#include "kernels/window/window_device.cuh"

namespace hdecomp::cuda {
namespace {

struct Maps {
  const float* gradient;    // (C, D, h, w)
  const float* feature;     // (B, C, H, W)
  const Place* places;      // (D)
  const int32_t* channels;  // (D, N)
  float* maps;              // (D, N, H, W)
  int64_t decisions, count;
  int32_t map;        // H * W
  Divider by_n;       // N
  Divider by_blocks;  // of threads, as many as a map has
  Divider by_width;   // W
};

/// What a block draws: the chosen channel of a decision.
struct Chosen {
  int64_t channel, image;  // either -1: an empty map
  const float* gradient;
  const float* feature;
  int32_t top, left;  // the window's begin
};

__device__ Chosen chosen_of(const Maps& maps, const DeviceWindow& window, uint32_t index) {
  const int64_t channel = maps.channels[index], decision = maps.by_n.quotient(index);
  const Place place = maps.places[decision];
  Chosen chosen{channel, place.image, nullptr, nullptr, 0, 0};
  if (channel < 0 || place.image < 0) return chosen;
  chosen.gradient =
      maps.gradient + (channel * maps.decisions + decision) * (window.y.size * window.x.size);
  chosen.feature = maps.feature + (place.image * maps.count + channel) * maps.map;
  chosen.top = window.y.begin(static_cast<int32_t>(place.y));
  chosen.left = window.x.begin(static_cast<int32_t>(place.x));
  return chosen;
}

/// G * F of neighbouring cells from `cell` on; zero outside the window. `cells` = 1 or 4.
template <int cells>
__device__ Pack<cells> activations(const Maps& maps, const DeviceWindow& window,
                                   const Chosen& chosen, int32_t cell) {
  Pack<cells> result{};
  if (chosen.gradient == nullptr) return result;
  auto y = static_cast<int32_t>(maps.by_width.quotient(cell));
  int32_t x = cell - y * window.x.map;
  y -= chosen.top;
  const int32_t last = y + (x + cells > window.x.map ? cells : 0);  // or before it
  if (y >= window.y.size || last < 0) return result;
  for (int i = 0; i < cells; ++i) {
    const int32_t column = x - chosen.left;
    if (y >= 0 && y < window.y.size && column >= 0 && column < window.x.size) {
      result.values[i] = __fmul_rn(chosen.gradient[y * window.x.size + column],
                                   chosen.feature[cell + i]);  // Eq. 3
    }
    if (++x == window.x.map) {
      x = 0;
      ++y;
    }
  }
  return result;
}

/// A thread takes `cells` neighbours, and others a block's stride further as long as there are.
template <int cells>
__global__ void __launch_bounds__(block_threads) draw_maps(Maps maps, DeviceWindow window) {
  const uint32_t index = maps.by_blocks.quotient(blockIdx.x);  // decision * n + which
  const auto blocks = static_cast<int32_t>(maps.by_blocks.divisor);
  const auto block = static_cast<int32_t>(blockIdx.x) - static_cast<int32_t>(index) * blocks;
  const Chosen chosen = chosen_of(maps, window, index);
  const int32_t step = blocks * block_threads * cells;
  int32_t cell = (block * block_threads + static_cast<int32_t>(threadIdx.x)) * cells;
  for (; cell < maps.map; cell += step) {
    store_pack(maps.maps + int64_t{index} * maps.map + cell,
               activations<cells>(maps, window, chosen, cell));
  }
}

template <int cells>
void launch_maps(const Context& context, Maps maps, const Window& window) {
  // Blocks enough to fill any GPU; beyond that a thread takes more cells, and finds its place once.
  constexpr int64_t enough_blocks = 4096;
  constexpr int32_t per_block = block_threads * cells;
  const int64_t drawn = maps.decisions * maps.by_n.divisor;
  const int64_t blocks_per_map = std::clamp<int64_t>(
      enough_blocks / drawn, 1, (int64_t{maps.map} + per_block - 1) / per_block);
  maps.by_blocks = Divider::by(blocks_per_map);
  const int64_t blocks = drawn * blocks_per_map;
  launch(context.cuda().stream(), "activation_maps", draw_maps<cells>,
         block_grid(blocks, block_threads), maps, DeviceWindow(window));
}

}  // namespace

void activation_maps(const Context& context, const WindowBatch& gradient, const Tensor& feature,
                     const IndexTensor& channels, Tensor& maps) {
  const Window& window = gradient.window;
  const int64_t map = window.y.map * window.x.map;
  if (maps.elements() == 0) return;
  if (map > int64_t{1} << 30) {
    throw Error(joined("activation_maps: maps of ", map, " cells; at most 2^30"));
  }
  const Maps all{gradient.data.data(),
                 feature.data(),
                 gradient.places.data(),
                 channels.data(),
                 maps.data(),
                 gradient.decisions(),
                 gradient.channels,
                 static_cast<int32_t>(map),
                 Divider::by(channels.shape()[1]),
                 {},
                 Divider::by(window.x.map)};
  if (map % 4 == 0 && is_aligned(maps.data())) return launch_maps<4>(context, all, window);
  launch_maps<1>(context, all, window);
}

}  // namespace hdecomp::cuda
