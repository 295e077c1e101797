/// Counts of regions' pixels.
#include "runtime/labels/seen_regions.h"

#include <algorithm>

#include "hdecomp/error.h"
#include "runtime/image/preprocess.h"

namespace hdecomp {

std::vector<uint16_t> seen_regions(const RegionMap& regions, const Image& photo,
                                   const Preprocess& rule) {
  if (regions.height != photo.height || regions.width != photo.width) {
    throw Error("regions of another size than the photograph");
  }
  const NetworkSamples samples = network_samples(photo, rule);
  const std::vector<int64_t> columns = nearest_pixels(photo.width, samples.columns);
  const std::vector<int64_t> rows = nearest_pixels(photo.height, samples.rows);
  std::vector<uint16_t> seen;
  seen.reserve(rows.size() * columns.size());
  for (const int64_t y : rows) {
    for (const int64_t x : columns) seen.push_back(regions.regions[y * regions.width + x]);
  }
  return seen;
}

CellRegions::CellRegions(std::span<const uint16_t> seen, const PixelSize& size, int64_t height,
                         int64_t width) {
  std::vector<std::vector<uint16_t>> under(static_cast<size_t>(height * width));
  for (int64_t y = 0; y < size.height; ++y) {
    for (int64_t x = 0; x < size.width; ++x) {
      under[y * height / size.height * width + x * width / size.width].push_back(
          seen[y * size.width + x]);
    }
  }
  for (std::vector<uint16_t>& cell : under) {
    begins_.push_back(counts_.size());
    pixels_.push_back(static_cast<int32_t>(cell.size()));
    std::ranges::sort(cell);
    for (size_t i = 0; i < cell.size() && cell[i] != RegionMap::none;) {
      const size_t begin = i;
      while (i < cell.size() && cell[i] == cell[begin]) ++i;
      counts_.push_back({cell[begin], static_cast<int32_t>(i - begin)});
    }
  }
  begins_.push_back(counts_.size());
}

std::vector<int64_t> region_areas(std::span<const uint16_t> seen, size_t count) {
  std::vector<int64_t> areas(count);
  for (const uint16_t region : seen) {
    if (region != RegionMap::none) ++areas.at(region);
  }
  return areas;
}

RegionOverlap best_region(std::span<const int64_t> both, std::span<const int64_t> areas,
                          int64_t mask) {
  RegionOverlap best;
  for (size_t region = 0; region < both.size(); ++region) {
    if (both[region] == 0) continue;  // 0, or 0 / 0
    const int64_t either = mask + areas[region] - both[region];
    const double iou = static_cast<double>(both[region]) / static_cast<double>(either);
    if (iou > best.iou) best = {static_cast<int32_t>(region), iou};
  }
  return best;
}

}  // namespace hdecomp
