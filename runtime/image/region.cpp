/// Regions of a photograph: from the network's input back through crop and resize.
#include "hdecomp/region.h"

#include <algorithm>
#include <cmath>

#include "hdecomp/error.h"
#include "kernels/core/random_normal.h"
#include "runtime/image/pixel_hash.h"
#include "runtime/image/preprocess.h"

namespace hdecomp {
namespace {

/// Along one side of the photograph: whole pixels from `begin` to before `end`.
struct PixelRange {
  int64_t begin, end;
};

/// Where the network's pixels [from, to) lie, outward to whole pixels.
PixelRange pixels_of(const Sampling& side, int64_t pixels, int64_t from, int64_t to) {
  constexpr double rounding = 1e-9;  // a whole number stays one
  const auto place = [&](int64_t sample) {
    return side.start + static_cast<double>(side.first + sample) * side.step;
  };
  const auto begin = static_cast<int64_t>(std::floor(place(from) + rounding));
  const auto end = static_cast<int64_t>(std::ceil(place(to) - rounding));
  return {std::clamp<int64_t>(begin, 0, pixels - 1), std::clamp<int64_t>(end, 1, pixels)};
}

/// For each pixel of a side the cell of `cells` that lies over its centre; -1 for none.
std::vector<int64_t> cells_over(const Sampling& side, int64_t pixels, int64_t cells) {
  std::vector<int64_t> result(pixels, -1);
  for (int64_t i = 0; i < pixels; ++i) {
    const double sample =
        (static_cast<double>(i) + 0.5 - side.start) / side.step - static_cast<double>(side.first);
    if (sample < 0 || sample >= static_cast<double>(side.count)) continue;
    const double cell = sample * static_cast<double>(cells) / static_cast<double>(side.count);
    result[i] = std::min(static_cast<int64_t>(cell), cells - 1);
  }
  return result;
}

PhotoBox box_of(const PixelRange& x, const PixelRange& y) {
  return {x.begin, y.begin, x.end - x.begin, y.end - y.begin};
}

/// The pixels of `box` that `is_in` names, and the smallest box around them.
template <class IsIn>
PhotoRegion region_inside(const PhotoBox& box, const IsIn& is_in) {
  PixelRange x{box.x + box.width, box.x}, y{box.y + box.height, box.y};
  for (int64_t i = box.y; i < box.y + box.height; ++i) {
    for (int64_t j = box.x; j < box.x + box.width; ++j) {
      if (!is_in(j, i)) continue;
      x = {std::min(x.begin, j), std::max(x.end, j + 1)};
      y = {std::min(y.begin, i), std::max(y.end, i + 1)};
    }
  }
  PhotoRegion region;
  if (x.end <= x.begin) return region;
  region.box = box_of(x, y);
  for (int64_t i = y.begin; i < y.end; ++i) {
    for (int64_t j = x.begin; j < x.end; ++j) region.mask.push_back(is_in(j, i) ? 1 : 0);
  }
  return region;
}

}  // namespace

bool is_inside(const PhotoBox& box, const Image& photo) {
  return box.width > 0 && box.height > 0 && box.x >= 0 && box.y >= 0 && box.width <= photo.width &&
         box.height <= photo.height && box.x <= photo.width - box.width &&
         box.y <= photo.height - box.height;
}

int64_t PhotoRegion::pixels() const {
  return mask.empty() ? box.width * box.height : std::ranges::count(mask, 1);
}

bool PhotoRegion::holds(int64_t x, int64_t y) const {
  const int64_t column = x - box.x, row = y - box.y;
  if (column < 0 || column >= box.width || row < 0 || row >= box.height) return false;
  return mask.empty() || mask[row * box.width + column] != 0;
}

PhotoBox box_of_input(const Image& photo, const Preprocess& rule, int64_t y, int64_t x,
                      int64_t height, int64_t width) {
  const NetworkSamples samples = network_samples(photo, rule);
  return box_of(pixels_of(samples.columns, photo.width, x, x + width),
                pixels_of(samples.rows, photo.height, y, y + height));
}

PhotoBox seen_of(const Image& photo, const Preprocess& rule) {
  return box_of_input(photo, rule, 0, 0, rule.crop.height, rule.crop.width);
}

PhotoRegion region_of_cells(const Image& photo, const Preprocess& rule,
                            std::span<const uint8_t> cells, int64_t height, int64_t width) {
  const NetworkSamples samples = network_samples(photo, rule);
  const std::vector<int64_t> rows = cells_over(samples.rows, photo.height, height),
                             columns = cells_over(samples.columns, photo.width, width);
  return region_inside(seen_of(photo, rule), [&](int64_t x, int64_t y) {
    return rows[y] >= 0 && columns[x] >= 0 && cells[rows[y] * width + columns[x]] != 0;
  });
}

PhotoRegion region_of_mask(const Image& photo, std::span<const uint8_t> mask, int64_t height,
                           int64_t width) {
  if (height != photo.height || width != photo.width) {
    throw UserError(joined("a mask of ", height, " x ", width, " pixels; the photograph has ",
                           photo.height, " x ", photo.width));
  }
  PhotoRegion region = region_inside(
      {0, 0, width, height}, [&](int64_t x, int64_t y) { return mask[y * width + x] != 0; });
  if (region.box.width == 0) throw UserError("a mask without a pixel; mark those to fill");
  return region;
}

PhotoRegion part_inside(const PhotoRegion& region, const PhotoBox& box) {
  const int64_t left = std::max(region.box.x, box.x), top = std::max(region.box.y, box.y);
  const int64_t right = std::min(region.box.x + region.box.width, box.x + box.width);
  const int64_t bottom = std::min(region.box.y + region.box.height, box.y + box.height);
  if (right <= left || bottom <= top) return {};
  const PhotoBox both{left, top, right - left, bottom - top};
  if (region.mask.empty()) return {both, {}};
  return region_inside(both, [&](int64_t x, int64_t y) { return region.holds(x, y); });
}

std::vector<PhotoBox> random_boxes(const Image& photo, const PhotoBox& within, int64_t width,
                                   int64_t height, int count, uint64_t seed) {
  const uint64_t stream = stream_of(seed, pixel_hash(photo));
  const auto place = [&](int64_t from, int64_t room, uint64_t at) {
    const double drawn = uniform_at(stream, at) * static_cast<double>(room + 1);
    return from + std::min(static_cast<int64_t>(drawn), room);
  };
  std::vector<PhotoBox> boxes;
  for (int i = 0; i < count; ++i) {
    const auto at = static_cast<uint64_t>(2 * i);
    boxes.push_back({place(within.x, within.width - width, at),
                     place(within.y, within.height - height, at + 1), width, height});
  }
  return boxes;
}

}  // namespace hdecomp
