/// max_pool_window_blocks: a thread takes a cell above and the 2 x 2 block below that is its own,
/// in some channels, so that every feature is read once.
#include "kernels/window_pool_blocks_cuda.h"

#include "kernels/window_device.cuh"

namespace hdecomp::cuda {
namespace {

struct Blocks {
  const float* feature;  // (B, C, H, W), the pool's input
  const float* above;    // (C, D, h, w)
  int64_t above_step;    // D * h * w
  DeviceAxis above_y, above_x;
  Divider by_blocks, by_width;  // blocks of a window, and of a row
  int total;                    // blocks of one channel: all decisions'
};

/// Where a thread's block lies.
struct Block {
  int decision, image;
  int window_y, window_x;  // of its first cell, in the window below
  int map_y, map_x;        // in the map below
  int64_t above;           // its cell in the window above, in one channel; -1: outside
};

__device__ Block block_of(const Blocks& blocks, const DeviceTarget& target, uint32_t index) {
  Block block;
  const uint32_t decision = blocks.by_blocks.quotient(index);
  const uint32_t within = index - decision * blocks.by_blocks.divisor;
  const uint32_t row = blocks.by_width.quotient(within);
  const Place& place = target.places[decision];
  block.decision = static_cast<int>(decision);
  block.image = static_cast<int>(place.image);
  block.window_y = static_cast<int>(row) * 2;
  block.window_x = static_cast<int>(within - row * blocks.by_width.divisor) * 2;
  const auto y = static_cast<int>(place.y), x = static_cast<int>(place.x);
  block.map_y = target.y.begin(y) + block.window_y;  // even, as the window's begin is
  block.map_x = target.x.begin(x) + block.window_x;
  const int above_y = block.map_y / 2 - blocks.above_y.begin(y);
  const int above_x = block.map_x / 2 - blocks.above_x.begin(x);
  // A block that the map's end cuts in two has no cell above.
  const bool there = block.image >= 0 && block.map_y >= 0 && block.map_y + 1 < target.y.map &&
                     block.map_x >= 0 && block.map_x + 1 < target.x.map && above_y >= 0 &&
                     above_y < blocks.above_y.size && above_x >= 0 && above_x < blocks.above_x.size;
  block.above =
      there ? (int64_t{block.decision} * blocks.above_y.size + above_y) * blocks.above_x.size +
                  above_x
            : -1;
  return block;
}

/// Two neighbours; `pairs`: in one access.
template <bool pairs>
__device__ float2 load2(const float* from) {
  if constexpr (pairs) return *reinterpret_cast<const float2*>(from);
  return make_float2(from[0], from[1]);
}
template <bool pairs>
__device__ void store2(float* to, float2 values, bool both) {
  if constexpr (pairs) {
    *reinterpret_cast<float2*>(to) = values;
  } else {
    to[0] = values.x;
    if (both) to[1] = values.y;
  }
}

/// The gradients of a block's rows of features: the first maximum in row-major order has it, if the
/// mask lets it through.
__device__ void route(const DeviceTarget& target, float gradient, float2 top, float2 bottom,
                      float2& to_top, float2& to_bottom) {
  const float best = fmaxf(fmaxf(top.x, top.y), fmaxf(bottom.x, bottom.y));
  if (target.feature != nullptr) gradient = masked(gradient, best, target.guided);
  const bool a = top.x == best, b = top.y == best && !a, c = bottom.x == best && !a && !b;
  to_top = make_float2(a ? gradient : 0.0f, b ? gradient : 0.0f);
  to_bottom = make_float2(c ? gradient : 0.0f, a || b || c ? 0.0f : gradient);
}

/// below (C, D, 2h, 2w) = the gradients above at the first maxima, masked. `pairs`: the windows and
/// maps are of even width, their memory aligned to 8 bytes.
template <bool pairs>
__global__ void __launch_bounds__(fill_threads, fill_blocks)
    route_blocks(const DeviceTarget target, const Blocks blocks) {
  const uint32_t index = blockIdx.x * blockDim.x + threadIdx.x;
  if (index >= static_cast<uint32_t>(blocks.total)) return;
  const Block block = block_of(blocks, target, index);
  const int width = target.x.size,
            step = static_cast<int>(gridDim.y * blockDim.y) * channels_at_once;
  const bool both = block.window_x + 1 < width, lower = block.window_y + 1 < target.y.size;
  const int64_t cell = block.decision * target.plane + block.window_y * width + block.window_x;
  const float* feature = blocks.feature +
                         int64_t{max(block.image, 0)} * target.channels * target.feature_plane +
                         int64_t{block.map_y} * target.x.map + block.map_x;  // read if it is there
  int channel = static_cast<int>(blockIdx.y * blockDim.y + threadIdx.y) * channels_at_once;
  for (; channel < target.channels; channel += step) {
    const int count = min(target.channels - channel, channels_at_once);
    float2 top[channels_at_once], bottom[channels_at_once];
    float gradients[channels_at_once];
    for (int q = 0; q < channels_at_once; ++q) {
      const bool there = block.above >= 0 && q < count;
      const float* from = feature + (channel + q) * target.feature_plane;
      top[q] = there ? load2<pairs>(from) : make_float2(0, 0);
      bottom[q] = there ? load2<pairs>(from + target.x.map) : make_float2(0, 0);
      gradients[q] = there ? blocks.above[(channel + q) * blocks.above_step + block.above] : 0.0f;
    }
    for (int q = 0; q < channels_at_once; ++q) {
      if (q >= count) break;
      float2 to_top, to_bottom;
      route(target, gradients[q], top[q], bottom[q], to_top, to_bottom);
      float* to = target.data + (channel + q) * target.channel_step + cell;
      store2<pairs>(to, to_top, both);
      if (lower) store2<pairs>(to + width, to_bottom, both);
    }
  }
}

bool is_even(const WindowAxis& axis) { return axis.stride % 2 == 0 && axis.offset % 2 == 0; }

bool is_even_address(const void* memory) { return reinterpret_cast<uintptr_t>(memory) % 8 == 0; }

}  // namespace

bool is_pool_of_blocks(const WindowKernel& kernel, const Tensor& feature, const WindowBatch& above,
                       const WindowTarget& below) {
  const Window& window = below.batch.window;
  return kernel.size == 2 && kernel.stride == 2 && kernel.pad == 0 && !above.one_hot &&
         below.into == Into::empty && is_even(window.y) && is_even(window.x) &&
         (below.mask.feature == nullptr || below.mask.feature->data() == feature.data());
}

void max_pool_window_blocks(const Context& context, const Tensor& feature, const WindowBatch& above,
                            const WindowTarget& below) {
  const DeviceTarget target(below, 0, above.decisions());
  const DeviceWindow window(above.window);
  const int64_t rows = (target.y.size + 1) / 2, columns = (target.x.size + 1) / 2;
  const Blocks blocks{feature.data(),
                      above.data.data(),
                      above.decisions() * above.window.area(),
                      window.y,
                      window.x,
                      Divider::by(rows * columns),
                      Divider::by(columns),
                      static_cast<int>(above.decisions() * rows * columns)};
  const bool pairs = target.x.size % 2 == 0 && target.x.map % 2 == 0 &&
                     is_even_address(target.data) && is_even_address(feature.data());
  launch(context.cuda().stream(), "max_pool_window_blocks",
         pairs ? route_blocks<true> : route_blocks<false>, grid_of(blocks.total, target.channels),
         target, blocks);
}

}  // namespace hdecomp::cuda
