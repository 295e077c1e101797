/// The maps of a batch of items that differ from one run of a network in some planes alone: what
/// channel ablation reads and writes.
#pragma once

#include <limits>

#include "kernels/core/context.h"
#include "kernels/core/tensor.h"

namespace hdecomp {

/// A rectangle of a map, in the map's coordinates; may lie partly outside.
struct MapRegion {
  int64_t y = 0, x = 0, height = 1, width = 1;
  int64_t area() const { return height * width; }
  bool operator==(const MapRegion&) const = default;
};

/// Plane p of item b is one of channel first + b * step + p.
struct PlaneChannels {
  int64_t first = 0, step = 0;
  int64_t of(int64_t item, int64_t plane) const { return first + item * step + plane; }
};

/// A layer in a batch of items: `feature`, but where an item has a plane of its own.
struct ItemMaps {
  const Tensor& feature;           // (1, C, H, W): of the run that the items differ from
  const Tensor* planes = nullptr;  // (items, P, h, w), h x w of `region`; null: no item differs
  MapRegion region = {};
  PlaneChannels channels = {};  // of `planes`; beyond the last channel, or from `end` on: of none
  int64_t end = std::numeric_limits<int32_t>::max();
};

/// What the planes that a gather writes are to hold.
struct GatherPlan {
  MapRegion region;
  PlaneChannels channels;  // beyond the last channel: of channel 0
  float outside = 0;       // where there is no map
};

/// Every plane of `to` (items, P, h, w) = a rectangle of one channel of its item. Throws Error
/// unless `maps.region` holds what of it lies in the map.
void gather_maps(const Context& context, const ItemMaps& maps, const GatherPlan& plan, Tensor& to);

/// `to` (items, 1, h, w) = the item's own plane, its only one, minus that channel of `feature`, in
/// a rectangle; 0 where there is no map, and for items with a plane of none. Throws Error as
/// gather_maps does.
void gather_differences(const Context& context, const ItemMaps& maps, const MapRegion& region,
                        Tensor& to);

/// Sets plane `planes[i]` of `to` (..., h, w), counted through, to `values[i]`; no plane twice.
void fill_planes(const Context& context, const IndexTensor& planes, const Tensor& values,
                 Tensor& to);

namespace cpu {
void gather_maps(const Context&, const ItemMaps& maps, const GatherPlan& plan, Tensor& to);
void gather_differences(const Context&, const ItemMaps& maps, const MapRegion& region, Tensor& to);
void fill_planes(const Context&, const IndexTensor& planes, const Tensor& values, Tensor& to);
}  // namespace cpu
namespace cuda {
void gather_maps(const Context&, const ItemMaps& maps, const GatherPlan& plan, Tensor& to);
void gather_differences(const Context&, const ItemMaps& maps, const MapRegion& region, Tensor& to);
void fill_planes(const Context&, const IndexTensor& planes, const Tensor& values, Tensor& to);
}  // namespace cuda

}  // namespace hdecomp
