/// Drawing by distance: a pixel's share of a stroke is how far it lies inside.
#include "runtime/report/canvas.h"

#include <algorithm>
#include <cmath>

#include "runtime/report/lettering.h"

namespace hdecomp {
namespace {

constexpr double advance = 6, capitals = 6;  // of a letter, in units of its grid

double squared_distance(Point p, Point a, Point b) {
  const double dx = b.x - a.x, dy = b.y - a.y, length = dx * dx + dy * dy;
  const double along =
      length > 0 ? std::clamp(((p.x - a.x) * dx + (p.y - a.y) * dy) / length, 0.0, 1.0) : 0;
  const double x = p.x - a.x - along * dx, y = p.y - a.y - along * dy;
  return x * x + y * y;
}

/// One per character: bytes that continue a UTF-8 character are left out.
template <class Body>
void for_each_letter(std::string_view words, const Body& body) {
  for (const char c : words) {
    if ((static_cast<uint8_t>(c) & 0xc0u) != 0x80u) body(c);
  }
}

}  // namespace

PixelCanvas::PixelCanvas(int64_t height, int64_t width)
    : image_{height, width,
             std::vector<uint8_t>(static_cast<size_t>(height * width * Image::channels), 255)} {}

void PixelCanvas::blend(int64_t y, int64_t x, double share, Colour colour) {
  uint8_t* pixel = image_.rgb.data() + (y * image_.width + x) * Image::channels;
  for (size_t c = 0; c < 3; ++c) {
    const double mixed = pixel[c] + (colour[c] - pixel[c]) * share;  // is not negative
    const auto whole = static_cast<int>(mixed);
    pixel[c] = static_cast<uint8_t>(whole + (mixed - whole >= 0.5 ? 1 : 0));
  }
}

void PixelCanvas::line(Point from, Point to, double width, Colour colour) {
  const double reach = width / 2 + 1, edge = width / 2 + 0.5;
  const auto first = [&](double a, double b) {
    return std::max<int64_t>(static_cast<int64_t>(std::floor(std::min(a, b) - reach)), 0);
  };
  const auto last = [&](double a, double b, int64_t end) {
    return std::min(static_cast<int64_t>(std::ceil(std::max(a, b) + reach)), end);
  };
  // Where the stroke passes the rows that a row's pixels are near to: the rest of it is too far.
  const double rows = to.y - from.y;
  const auto at_row = [&](double y) {
    const double along = rows == 0 ? 0 : std::clamp((y - from.y) / rows, 0.0, 1.0);
    return from.x + along * (to.x - from.x);
  };
  for (int64_t y = first(from.y, to.y); y < last(from.y, to.y, image_.height); ++y) {
    const double middle = static_cast<double>(y) + 0.5;
    const double left = rows == 0 ? from.x : at_row(middle - reach);
    const double right = rows == 0 ? to.x : at_row(middle + reach);
    for (int64_t x = first(left, right); x < last(left, right, image_.width); ++x) {
      const Point centre{static_cast<double>(x) + 0.5, static_cast<double>(y) + 0.5};
      const double squared = squared_distance(centre, from, to);
      if (squared >= edge * edge) continue;  // most are: a root takes long
      const double inside = edge - std::sqrt(squared);
      if (inside > 0) blend(y, x, std::min({inside, width, 1.0}), colour);
    }
  }
}

void PixelCanvas::curve(Point from, Point to, double width, Colour colour) {
  constexpr int pieces = 24;
  Point last = from;
  for (int i = 1; i <= pieces; ++i) {
    const double t = static_cast<double>(i) / pieces, s = t * t * (3 - 2 * t);
    const Point next{from.x + (to.x - from.x) * s, from.y + (to.y - from.y) * t};
    line(last, next, width, colour);
    last = next;
  }
}

void PixelCanvas::paste(const Image& image, int64_t y, int64_t x) {
  for (int64_t row = 0; row < image.height; ++row) {
    std::copy_n(image.rgb.data() + row * image.width * Image::channels,
                image.width * Image::channels,
                image_.rgb.data() + ((y + row) * image_.width + x) * Image::channels);
  }
}

double Canvas::text_width(std::string_view words, double size) {
  double letters = 0;
  for_each_letter(words, [&](char) { ++letters; });
  return std::max(0.0, letters * advance - 2) * size / capitals;
}

void PixelCanvas::text(std::string_view words, Point at, double size, Colour colour, Align align) {
  const double unit = size / capitals, width = std::max(1.0, size / 7);
  double left = align == Align::start ? at.x : at.x - text_width(words, size) / 2;
  for_each_letter(words, [&](char letter) {
    const std::string_view strokes = strokes_of(letter);
    const auto point = [&](size_t i) {
      return Point{left + (strokes[i] - '0') * unit, at.y + (strokes[i + 1] - '0' - 6) * unit};
    };
    for (size_t i = 0; i + 1 < strokes.size();) {
      const bool goes_on = i + 3 < strokes.size() && strokes[i + 2] != ' ';
      if (goes_on) line(point(i), point(i + 2), width, colour);
      i += goes_on ? 2 : 3;
    }
    left += advance * unit;
  });
}

}  // namespace hdecomp
