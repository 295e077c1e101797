/// Items' maps: the contracts' checks and the choice of the device.
#include "kernels/map/item_maps.h"

#include <algorithm>

#include "kernels/core/dispatch.h"

namespace hdecomp {
namespace {

/// Whether what of the wanted rectangle lies in a map of height x width lies in `held`, too.
bool holds(const MapRegion& held, const MapRegion& wanted, int64_t height, int64_t width) {
  const int64_t top = std::max<int64_t>(wanted.y, 0), left = std::max<int64_t>(wanted.x, 0);
  const int64_t bottom = std::min(wanted.y + wanted.height, height);
  const int64_t right = std::min(wanted.x + wanted.width, width);
  if (top >= bottom || left >= right) return true;
  return held.y <= top && bottom <= held.y + held.height && held.x <= left &&
         right <= held.x + held.width;
}

void check(const char* op, const ItemMaps& maps, const MapRegion& wanted, const Tensor& to) {
  const Shape &f = maps.feature.shape(), &t = to.shape();
  if (f.rank() != 4 || f[0] != 1 || t.rank() != 4) {
    throw Error(joined(op, ": feature ", f, " and result ", t, ", expected (1, C, H, W) and ",
                       "(items, P, h, w)"));
  }
  require_shape(op, "the result", t, {t[0], t[1], wanted.height, wanted.width});
  if (maps.planes == nullptr) return;
  const Shape& p = maps.planes->shape();
  require_shape(op, "planes", p,
                {t[0], p.rank() == 4 ? p[1] : 0, maps.region.height, maps.region.width});
  if (!holds(maps.region, wanted, f[2], f[3])) {
    throw Error(joined(op, ": the planes do not hold the whole rectangle"));
  }
}

}  // namespace

void gather_maps(const Context& context, const ItemMaps& maps, const GatherPlan& plan, Tensor& to) {
  check("gather_maps", maps, plan.region, to);
  dispatch(context, cpu::gather_maps, cuda::gather_maps, maps, plan, to);
}

void gather_differences(const Context& context, const ItemMaps& maps, const MapRegion& region,
                        Tensor& to) {
  if (maps.planes == nullptr) throw Error("gather_differences: the items have no planes");
  check("gather_differences", maps, region, to);
  const Shape &p = maps.planes->shape(), &t = to.shape();
  require_shape("gather_differences", "planes", p, {t[0], 1, p[2], p[3]});
  require_shape("gather_differences", "the result", t, {t[0], 1, t[2], t[3]});
  dispatch(context, cpu::gather_differences, cuda::gather_differences, maps, region, to);
}

void fill_planes(const Context& context, const IndexTensor& planes, const Tensor& values,
                 Tensor& to) {
  if (to.shape().rank() < 2) throw Error(joined("fill_planes: ", to.shape(), " has no planes"));
  require_shape("fill_planes", "values", values.shape(), planes.shape());
  dispatch(context, cpu::fill_planes, cuda::fill_planes, planes, values, to);
}

}  // namespace hdecomp
