/// What MATLAB files hold of labels: PASCAL-Context's maps and Caltech-101's outlines.
#include <algorithm>
#include <cmath>

#include "hdecomp/error.h"
#include "runtime/labels/label_files.h"

namespace hdecomp {
namespace {

/// A place in MATLAB's coordinates: the first pixel's centre is (1, 1).
struct Point {
  double x, y;
};

/// The outline's corners, in the picture's coordinates.
std::vector<Point> outline_of(const ImageFile& file, int64_t height, int64_t width) {
  const MatMatrix box = mat_variable(file, "box_coord");
  const MatMatrix contour = mat_variable(file, "obj_contour");
  constexpr int64_t most_points = 4096;
  if (box.values.size() != 4 || contour.height != 2 || contour.width < 3 ||
      contour.width > most_points) {
    file.fail(joined("an outline of 3 to ", most_points,
                     " points is needed: box_coord of 4 values, obj_contour of 2 rows"));
  }
  const double top = box.values[0], bottom = box.values[1], left = box.values[2],
               right = box.values[3];
  // A pixel more for boxes that were drawn along the picture's edge.
  const auto most_y = static_cast<double>(height + 1), most_x = static_cast<double>(width + 1);
  if (!(top >= 0 && left >= 0 && bottom > top && right > left)) {
    file.fail("box_coord is not top, bottom, left, right");
  }
  if (!(bottom <= most_y && right <= most_x)) {
    file.fail(joined("its box ends at row ", bottom, ", column ", right,
                     ", but the photograph has ", width, " x ", height,
                     " pixels: was it resized?"));
  }
  std::vector<Point> points;
  for (int64_t i = 0; i < contour.width; ++i) {
    points.push_back({contour.values[i] + left, contour.values[contour.width + i] + top});
    constexpr double far = 1e6;
    if (!(std::abs(points.back().x) < far && std::abs(points.back().y) < far)) {
      file.fail("obj_contour holds a point far outside any picture");
    }
  }
  return points;
}

/// Where one side of the outline crosses a row of pixels, all that lies right of it changes sides.
void turn_over(const Point& from, const Point& to, int64_t height, int64_t width,
               std::vector<uint8_t>& turns) {
  const Point &upper = from.y <= to.y ? from : to, &lower = from.y <= to.y ? to : from;
  const auto first = std::max<int64_t>(0, static_cast<int64_t>(std::ceil(upper.y)) - 1);
  for (int64_t y = first; y < height && static_cast<double>(y + 1) < lower.y; ++y) {
    const double row = static_cast<double>(y + 1);
    const double x = upper.x + (row - upper.y) / (lower.y - upper.y) * (lower.x - upper.x);
    const auto column = std::clamp<int64_t>(static_cast<int64_t>(std::ceil(x)) - 1, 0, width);
    turns[y * (width + 1) + column] ^= 1;
  }
}

}  // namespace

RawLabels mat_labels(const ImageFile& file) {
  const MatMatrix matrix = mat_variable(file, "LabelMap");
  RawLabels labels{matrix.height, matrix.width, {}};
  labels.numbers.reserve(matrix.values.size());
  for (const double value : matrix.values) {
    if (!(value >= 0 && value <= 65535 && value == std::floor(value))) {
      file.fail(joined("LabelMap holds ", value, "; labels are whole numbers from 0 to 65535"));
    }
    labels.numbers.push_back(static_cast<uint16_t>(value));
  }
  return labels;
}

RawLabels outline_labels(const ImageFile& file, int64_t height, int64_t width) {
  const std::vector<Point> points = outline_of(file, height, width);
  std::vector<uint8_t> turns(static_cast<size_t>(height * (width + 1)));
  for (size_t i = 0; i < points.size(); ++i) {
    turn_over(points[i], points[(i + 1) % points.size()], height, width, turns);
  }
  RawLabels labels{height, width, std::vector<uint16_t>(static_cast<size_t>(height * width))};
  for (int64_t y = 0; y < height; ++y) {
    uint16_t inside = 0;
    for (int64_t x = 0; x < width; ++x) {
      inside ^= turns[y * (width + 1) + x];
      labels.numbers[y * width + x] = inside;
    }
  }
  return labels;
}

}  // namespace hdecomp
