/// Regions where the network looks, counted under the cells of a layer's map.
#pragma once

#include <span>
#include <vector>

#include "hdecomp/image.h"
#include "hdecomp/preprocess.h"
#include "hdecomp/region_labels.h"

namespace hdecomp {

/// A photograph's regions brought to the network's input through its resize and crop, by nearest
/// neighbour: the crop's pixels, row by row. `regions` must be as large as the photograph.
std::vector<uint16_t> seen_regions(const RegionMap& regions, const Image& photo,
                                   const Preprocess& rule);

/// A map of height x width cells laid over the pixels of an input: pixel (y, x) lies under cell
/// (y * height / size.height, x * width / size.width), rounded down.
class CellRegions {
 public:
  struct Count {
    uint16_t region;
    int32_t pixels;
  };

  CellRegions(std::span<const uint16_t> seen, const PixelSize& size, int64_t height, int64_t width);

  /// The regions under a cell, y * width + x, by their number; pixels without a region are not
  /// among them.
  std::span<const Count> of(int64_t cell) const {
    return std::span(counts_).subspan(begins_[cell], begins_[cell + 1] - begins_[cell]);
  }
  /// All pixels under a cell.
  int64_t pixels(int64_t cell) const { return pixels_[cell]; }
  /// Adds the pixels under a cell of a mask to their regions' in `both`. Returns how many there
  /// are, those without a region too.
  int64_t add_to(std::span<int64_t> both, int64_t cell) const {
    for (const Count& one : of(cell)) both[one.region] += one.pixels;
    return pixels_[cell];
  }

 private:
  std::vector<Count> counts_;
  std::vector<size_t> begins_;  // by cell, and the end
  std::vector<int32_t> pixels_;
};

/// Of each of `count` regions how many pixels it has.
std::vector<int64_t> region_areas(std::span<const uint16_t> seen, size_t count);

/// A region and its intersection over union with a mask.
struct RegionOverlap {
  int32_t region = -1;  // none: the mask has no pixel of any region
  double iou = 0;
};

/// The region with the largest intersection over union, ties to the lower one: of each region its
/// pixels in the mask (`both`) and its own (`areas`), and `mask` pixels in all. A pixel of the mask
/// without a region counts in the union.
RegionOverlap best_region(std::span<const int64_t> both, std::span<const int64_t> areas,
                          int64_t mask);

}  // namespace hdecomp
