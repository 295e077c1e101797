/// Drawing of activation maps: upsampling, colours and the mark at the peak.
#include "runtime/report/heat_map.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "hdecomp/error.h"
#include "runtime/image/preprocess.h"
#include "runtime/image/resample.h"
#include "runtime/report/color_map.h"

namespace hdecomp {
namespace {

/// The map with values in [0, 1], of a signed one in [-1, 1]; empty if none counts.
std::vector<float> to_unit_range(std::span<const float> map, bool is_signed) {
  const auto counted = [&](float v) { return v > 0 || (is_signed && v < 0) ? v : 0.0f; };  // NaN: 0
  float largest = 0;
  for (const float v : map) largest = std::max(largest, std::abs(counted(v)));
  if (largest == 0) return {};
  std::vector<float> unit;
  for (const float v : map) {
    unit.push_back(counted(v) == largest ? 1.0f : counted(v) / largest);
  }
  return unit;
}

/// Two neighbouring cells of a map and the share of the second, for each pixel of a side.
struct Blend {
  size_t low, high;
  float share;
};

std::vector<Blend> make_blends(int64_t cells, int64_t side, const ViewPart::Axis& part) {
  std::vector<Blend> blends;
  const auto begin = static_cast<float>(part.begin * static_cast<double>(cells));
  const float scale =
      static_cast<float>(part.extent) * static_cast<float>(cells) / static_cast<float>(side);
  for (int64_t i = 0; i < side; ++i) {
    const float at = begin + (static_cast<float>(i) + 0.5f) * scale - 0.5f;
    const float clamped = std::clamp(at, 0.0f, static_cast<float>(cells - 1));
    const auto low = static_cast<size_t>(clamped);
    blends.push_back({low, std::min(low + 1, static_cast<size_t>(cells - 1)),
                      clamped - static_cast<float>(low)});
  }
  return blends;
}

float mix(float a, float b, float share) { return a + (b - a) * share; }

/// The map, or a part of it, as fine as the picture, (height, width).
std::vector<float> enlarged(std::span<const float> unit, int64_t map_height, int64_t map_width,
                            const Image& image, const ViewPart& part) {
  const std::vector<Blend> rows = make_blends(map_height, image.height, part.rows);
  const std::vector<Blend> columns = make_blends(map_width, image.width, part.columns);
  const auto cells = static_cast<size_t>(map_width), width = columns.size();
  const size_t first = rows.front().low, end = rows.back().high + 1;  // of the map's rows
  std::vector<float> wide((end - first) * width);                     // as wide as the picture
  float* to = wide.data();
  for (size_t row = first; row < end; ++row) {
    const float* from = unit.data() + row * cells;
    for (const Blend& column : columns) {
      *to++ = mix(from[column.low], from[column.high], column.share);
    }
  }
  std::vector<float> fine(rows.size() * width);
  to = fine.data();
  for (const Blend& row : rows) {
    const float* above = wide.data() + (row.low - first) * width;
    const float* below = wide.data() + (row.high - first) * width;
    for (size_t i = 0; i < width; ++i) to[i] = mix(above[i], below[i], row.share);
    to += width;
  }
  return fine;
}

/// A white disc with a black one of half its radius, around (y, x) in pixels.
void draw_mark(Image& image, double y, double x) {
  const double radius =
      std::max(2.0, static_cast<double>(std::max(image.height, image.width)) / 60.0);
  const auto first = [&](double middle) {
    return std::max<int64_t>(static_cast<int64_t>(middle - radius) - 1, 0);
  };
  const auto last = [&](double middle, int64_t side) {
    return std::min(static_cast<int64_t>(middle + radius) + 2, side);
  };
  for (int64_t row = first(y); row < last(y, image.height); ++row) {
    for (int64_t column = first(x); column < last(x, image.width); ++column) {
      const double distance =
          std::hypot(static_cast<double>(row) + 0.5 - y, static_cast<double>(column) + 0.5 - x);
      if (distance > radius) continue;
      uint8_t* pixel =
          image.rgb.data() + static_cast<size_t>(row * image.width + column) * Image::channels;
      std::fill_n(pixel, Image::channels, distance > radius * 0.55 ? uint8_t{255} : uint8_t{0});
    }
  }
}

/// The cell's centre in a picture of `side` pixels of a part.
double cell_centre(int64_t cell, int64_t cells, int64_t side, const ViewPart::Axis& part) {
  const double middle = (static_cast<double>(cell) + 0.5) / static_cast<double>(cells);
  return (middle - part.begin) / part.extent * static_cast<double>(side);
}

/// `side` samples over the pixels that a part of the crop's samples spans.
Sampling spread(const Sampling& crop, int64_t side, const ViewPart::Axis& part) {
  const auto first = static_cast<double>(crop.first), count = static_cast<double>(crop.count);
  return {(first + part.begin * count) * crop.step,
          part.extent * count * crop.step / static_cast<double>(side), 0, side};
}

}  // namespace

PixelSize drawn_size(const Preprocess& rule, int64_t side) {
  const int64_t longer = std::max(rule.crop.height, rule.crop.width);
  const auto scaled = [&](int64_t cells) {
    return std::max<int64_t>((2 * cells * side + longer) / (2 * longer), side > 0 ? 1 : side);
  };
  return {scaled(rule.crop.height), scaled(rule.crop.width)};
}

Image crop_of_photo(const Image& photo, const Preprocess& rule, const PixelSize& size,
                    const ViewPart& part) {
  const NetworkSamples seen = network_samples(photo, rule);
  return resample(photo, spread(seen.rows, size.height, part.rows),
                  spread(seen.columns, size.width, part.columns));
}

Image crop_of_photo(const Image& photo, const Preprocess& rule, int64_t side) {
  return crop_of_photo(photo, rule, drawn_size(rule, side));
}

Image overlay(const Image& view, std::span<const float> map, int64_t map_height, int64_t map_width,
              int64_t peak_y, int64_t peak_x, const PixelSize& size, const ViewPart& part,
              Colours colours) {
  const bool inside = peak_y >= 0 && peak_y < map_height && peak_x >= 0 && peak_x < map_width;
  if (!inside || static_cast<int64_t>(map.size()) != map_height * map_width) {
    throw Error(joined("overlay: a map of ", map.size(), " values, said to be ", map_height, " x ",
                       map_width, ", with its peak at (", peak_y, ", ", peak_x, ")"));
  }
  Image image = resize_bilinear(view, size.height, size.width);
  const std::vector<float> unit = to_unit_range(map, colours == Colours::signed_);
  if (!unit.empty()) {
    color_map(enlarged(unit, map_height, map_width, image, part), image.rgb, colours);
  }
  draw_mark(image, cell_centre(peak_y, map_height, size.height, part.rows),
            cell_centre(peak_x, map_width, size.width, part.columns));
  return image;
}

}  // namespace hdecomp
