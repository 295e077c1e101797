/// Activation maps without the zeros around them.
#include <algorithm>

#include "hdecomp/error.h"
#include "hdecomp/tree.h"

namespace hdecomp {

std::string to_string(Baseline baseline) {
  switch (baseline) {
    case Baseline::zero:
      return "zero";
    case Baseline::mean:
      return "mean";
    case Baseline::data_set:
      return "means";
  }
  throw Error("an unknown baseline");
}

ActivationMap::ActivationMap(std::span<const float> whole, int64_t map_height, int64_t map_width)
    : height(map_height), width(map_width) {
  if (std::ssize(whole) != height * width) {
    throw Error(
        joined("ActivationMap: ", whole.size(), " values, said to be ", height, " x ", width));
  }
  int64_t bottom = 0, right = 0;
  top = height;
  left = width;
  for (int64_t y = 0; y < height; ++y) {
    const auto row = whole.subspan(y * width, width);
    const auto is_set = [](float a) { return a != 0; };
    const auto first = std::ranges::find_if(row, is_set);
    if (first == row.end()) continue;
    const auto last = std::find_if(row.rbegin(), row.rend(), is_set).base();
    top = std::min(top, y);
    bottom = y + 1;
    left = std::min<int64_t>(left, first - row.begin());
    right = std::max<int64_t>(right, last - row.begin());
  }
  if (bottom == 0) top = left = 0;
  rows = bottom - top;
  columns = right - left;
  values.reserve(rows * columns);
  for (int64_t y = top; y < bottom; ++y) {
    const auto part = whole.subspan(y * width + left, columns);
    values.insert(values.end(), part.begin(), part.end());
  }
}

std::vector<float> ActivationMap::whole() const {
  std::vector<float> map(height * width);
  for (int64_t y = 0; y < rows; ++y) {
    std::copy_n(values.begin() + y * columns, columns, map.begin() + (top + y) * width + left);
  }
  return map;
}

float ActivationMap::at(int64_t y, int64_t x) const {
  const bool inside = y >= top && y < top + rows && x >= left && x < left + columns;
  return inside ? values[(y - top) * columns + x - left] : 0;
}

std::vector<int64_t> ActivationMap::mask(double threshold) const {
  std::vector<int64_t> cells;
  const double above = values.empty() ? 0 : threshold * std::max(std::ranges::max(values), 0.0f);
  for (int64_t i = 0; i < std::ssize(values); ++i) {
    if (values[i] > above) cells.push_back((top + i / columns) * width + left + i % columns);
  }
  return cells;
}

}  // namespace hdecomp
