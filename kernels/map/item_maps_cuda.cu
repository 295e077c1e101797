/// Items' maps on a GPU: one cell of the result per thread.
#include "kernels/core/context_cuda.h"
#include "kernels/core/divider.cuh"
#include "kernels/core/full_grid.cuh"
#include "kernels/core/lanes.cuh"
#include "kernels/core/to_int.h"
#include "kernels/map/item_maps.h"

namespace hdecomp::cuda {
namespace {

/// The result (items, P, h, w), counted through.
struct Cells {
  Divider by_planes, by_area, by_width;
  uint32_t count;
  int32_t top, left;    // of the rectangle
  int32_t first, step;  // the planes' channels

  Cells(const Tensor& to, const MapRegion& region, const PlaneChannels& channels)
      : by_planes(Divider::by(to.shape()[1])),
        by_area(Divider::by(region.area())),
        by_width(Divider::by(region.width)),
        count(static_cast<uint32_t>(to_int(to.elements()))),
        top(to_int(region.y)),
        left(to_int(region.x)),
        first(to_int(channels.first)),
        step(to_int(channels.step)) {}

  struct At {
    int32_t item, channel, y, x;  // y and x of the map
  };
  __device__ At at(uint32_t cell) const {
    const uint32_t line = by_area.quotient(cell), within = cell - line * by_area.divisor;
    const uint32_t item = by_planes.quotient(line), plane = line - item * by_planes.divisor;
    const uint32_t row = by_width.quotient(within), column = within - row * by_width.divisor;
    return {static_cast<int32_t>(item),
            first + static_cast<int32_t>(item) * step + static_cast<int32_t>(plane),
            top + static_cast<int32_t>(row), left + static_cast<int32_t>(column)};
  }
};

/// Features and the items' own planes.
struct Maps {
  const float* feature;  // (C, H, W)
  const float* own;      // (items, P, h, w)
  int32_t channels, height, width;
  int32_t end;         // of the channels that an item may have as its own
  int32_t own_planes;  // 0: none
  int32_t top, left, own_height, own_width, first, step;

  explicit Maps(const ItemMaps& maps)
      : feature(maps.feature.data()),
        own(maps.planes == nullptr ? nullptr : maps.planes->data()),
        channels(to_int(maps.feature.shape()[1])),
        height(to_int(maps.feature.shape()[2])),
        width(to_int(maps.feature.shape()[3])),
        end(to_int(maps.end)),
        own_planes(maps.planes == nullptr ? 0 : to_int(maps.planes->shape()[1])),
        top(to_int(maps.region.y)),
        left(to_int(maps.region.x)),
        own_height(to_int(maps.region.height)),
        own_width(to_int(maps.region.width)),
        first(to_int(maps.channels.first)),
        step(to_int(maps.channels.step)) {}

  __device__ bool inside(int32_t y, int32_t x) const {
    return y >= 0 && y < height && x >= 0 && x < width;
  }
  __device__ float feature_at(int32_t channel, int32_t y, int32_t x) const {
    return feature[(int64_t{channel} * height + y) * width + x];
  }
  /// Of plane `plane` of an item.
  __device__ float own_at(int32_t item, int32_t plane, int32_t y, int32_t x) const {
    const int64_t row = (int64_t{item} * own_planes + plane) * own_height + y - top;
    return own[row * own_width + x - left];
  }
};

__global__ void __launch_bounds__(block_threads)
    gather(const Maps maps, const Cells cells, float outside, float* to) {
  const uint32_t i = blockIdx.x * block_threads + threadIdx.x;
  if (i >= cells.count) return;
  const Cells::At at = cells.at(i);
  const int32_t channel = at.channel < maps.channels ? at.channel : 0;
  const int32_t plane = channel - maps.first - at.item * maps.step;
  float value = outside;
  if (maps.inside(at.y, at.x)) {
    const bool is_own = plane >= 0 && plane < maps.own_planes && channel < maps.end;
    value = is_own ? maps.own_at(at.item, plane, at.y, at.x) : maps.feature_at(channel, at.y, at.x);
  }
  to[i] = value;
}

__global__ void __launch_bounds__(block_threads)
    subtract_features(const Maps maps, const Cells cells, float* to) {
  const uint32_t i = blockIdx.x * block_threads + threadIdx.x;
  if (i >= cells.count) return;
  const Cells::At at = cells.at(i);
  float value = 0;
  if (at.channel < min(maps.channels, maps.end) && maps.inside(at.y, at.x)) {
    value = maps.own_at(at.item, 0, at.y, at.x) - maps.feature_at(at.channel, at.y, at.x);
  }
  to[i] = value;
}

__global__ void __launch_bounds__(block_threads)
    fill(const int32_t* planes, const float* values, uint32_t count, const Divider by_area,
         float* to) {
  const uint32_t i = blockIdx.x * block_threads + threadIdx.x;
  if (i >= count) return;
  const uint32_t which = by_area.quotient(i), cell = i - which * by_area.divisor;
  to[int64_t{planes[which]} * by_area.divisor + cell] = values[which];
}

}  // namespace

void gather_maps(const Context& context, const ItemMaps& maps, const GatherPlan& plan, Tensor& to) {
  if (to.elements() == 0) return;
  launch(context.cuda().stream(), "gather_maps", gather, full_grid(to.elements(), block_threads),
         Maps(maps), Cells(to, plan.region, plan.channels), plan.outside, to.data());
}

void gather_differences(const Context& context, const ItemMaps& maps, const MapRegion& region,
                        Tensor& to) {
  if (to.elements() == 0) return;
  launch(context.cuda().stream(), "gather_differences", subtract_features,
         full_grid(to.elements(), block_threads), Maps(maps), Cells(to, region, maps.channels),
         to.data());
}

void fill_planes(const Context& context, const IndexTensor& planes, const Tensor& values,
                 Tensor& to) {
  const Shape& t = to.shape();
  const int64_t area = t[t.rank() - 2] * t[t.rank() - 1], count = planes.elements() * area;
  if (count == 0) return;
  launch(context.cuda().stream(), "fill_planes", fill, full_grid(count, block_threads),
         planes.data(), values.data(), static_cast<uint32_t>(to_int(count)), Divider::by(area),
         to.data());
}

}  // namespace hdecomp::cuda
