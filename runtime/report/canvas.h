/// A white picture to draw on: smooth lines, other pictures, and plain lettering.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "hdecomp/image.h"

namespace hdecomp {

using Colour = std::array<uint8_t, 3>;

inline constexpr Colour ink{31, 33, 38}, soft{98, 102, 109}, accent{178, 74, 5};

struct Point {
  double x = 0, y = 0;  // pixels from the upper left corner
};

class Canvas {
 public:
  Canvas(int64_t height, int64_t width);

  /// A stroke with round ends, `width` pixels wide; what lies outside the picture is left out.
  void line(Point from, Point to, double width, Colour colour);
  /// A curve that leaves `from` downwards and reaches `to` from above.
  void curve(Point from, Point to, double width, Colour colour);
  /// `image` with its upper left corner at (x, y); it must lie inside.
  void paste(const Image& image, int64_t y, int64_t x);
  /// One line of text, centred at `middle.x`, its capitals `size` pixels high and ending at
  /// `middle.y`. Small letters stand for capitals, a box for what the lettering lacks.
  void text(std::string_view words, Point middle, double size, Colour colour);
  /// How wide that text is.
  static double text_width(std::string_view words, double size);

  const Image& image() const { return image_; }

 private:
  void blend(int64_t y, int64_t x, double share, Colour colour);

  Image image_;
};

/// The strokes of a character: points "xy" of a grid 4 wide and 8 high (capitals end at 6), strokes
/// apart by spaces.
std::string_view strokes_of(char letter);

}  // namespace hdecomp
