/// Items' maps on the CPU: one plane per task, copied in runs of a row.
#include <algorithm>

#include "kernels/core/parallel.h"
#include "kernels/map/item_maps.h"

namespace hdecomp::cpu {
namespace {

/// A plane that holds a rectangle of a map.
struct HeldPlane {
  const float* data;
  MapRegion region;
  const float* at(int64_t y, int64_t x) const {
    return data + (y - region.y) * region.width + x - region.x;
  }
};

/// Calls run(cell, y, x, count) for the part of each row of `wanted` that lies in the map, and
/// outside(cell, count) for what does not; `cell` counts through `wanted`.
template <class Run, class Outside>
void for_each_run(const MapRegion& wanted, int64_t height, int64_t width, Run run,
                  Outside outside) {
  const int64_t left = std::clamp<int64_t>(-wanted.x, 0, wanted.width);
  const int64_t right = std::clamp<int64_t>(width - wanted.x, left, wanted.width);
  for (int64_t i = 0; i < wanted.height; ++i) {
    const int64_t cell = i * wanted.width, y = wanted.y + i;
    if (y < 0 || y >= height || left == right) {
      outside(cell, wanted.width);
      continue;
    }
    outside(cell, left);
    run(cell + left, y, wanted.x + left, right - left);
    outside(cell + right, wanted.width - right);
  }
}

HeldPlane feature_plane(const ItemMaps& maps, int64_t channel) {
  const Shape& f = maps.feature.shape();
  return {maps.feature.data() + channel * f[2] * f[3], {0, 0, f[2], f[3]}};
}

/// The item's plane of a channel: its own, if it has one.
HeldPlane plane_of(const ItemMaps& maps, int64_t item, int64_t channel) {
  if (maps.planes == nullptr) return feature_plane(maps, channel);
  const int64_t planes = maps.planes->shape()[1];
  const int64_t plane = channel - maps.channels.of(item, 0);
  if (plane < 0 || plane >= planes || channel >= maps.end) return feature_plane(maps, channel);
  return {maps.planes->data() + (item * planes + plane) * maps.region.area(), maps.region};
}

}  // namespace

void gather_maps(const Context& context, const ItemMaps& maps, const GatherPlan& plan, Tensor& to) {
  const Shape& f = maps.feature.shape();
  const int64_t planes = to.shape()[1];
  parallel_for(context, to.shape()[0] * planes, [&](int64_t i) {
    const int64_t wanted = plan.channels.of(i / planes, i % planes);
    const HeldPlane from = plane_of(maps, i / planes, wanted < f[1] ? wanted : 0);
    float* out = to.data() + i * plan.region.area();
    for_each_run(
        plan.region, f[2], f[3],
        [&](int64_t cell, int64_t y, int64_t x, int64_t count) {
          std::copy_n(from.at(y, x), count, out + cell);
        },
        [&](int64_t cell, int64_t count) { std::fill_n(out + cell, count, plan.outside); });
  });
}

void gather_differences(const Context& context, const ItemMaps& maps, const MapRegion& region,
                        Tensor& to) {
  const Shape& f = maps.feature.shape();
  parallel_for(context, to.shape()[0], [&](int64_t item) {
    const int64_t channel = maps.channels.of(item, 0);
    float* out = to.data() + item * region.area();
    if (channel >= f[1]) {
      std::fill_n(out, region.area(), 0.0f);
      return;
    }
    const HeldPlane own = plane_of(maps, item, channel), feature = feature_plane(maps, channel);
    for_each_run(
        region, f[2], f[3],
        [&](int64_t cell, int64_t y, int64_t x, int64_t count) {
          const float *a = own.at(y, x), *b = feature.at(y, x);
          for (int64_t k = 0; k < count; ++k) out[cell + k] = a[k] - b[k];
        },
        [&](int64_t cell, int64_t count) { std::fill_n(out + cell, count, 0.0f); });
  });
}

void fill_planes(const Context& context, const IndexTensor& planes, const Tensor& values,
                 Tensor& to) {
  const Shape& t = to.shape();
  const int64_t area = t[t.rank() - 2] * t[t.rank() - 1];
  parallel_for(context, planes.elements(), [&](int64_t i) {
    std::fill_n(to.data() + planes.data()[i] * area, area, values.data()[i]);
  });
}

}  // namespace hdecomp::cpu
