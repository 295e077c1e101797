/// What pictures of trees and graphs are drawn on: pixels, or lines and text.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "hdecomp/image.h"

namespace hdecomp {

using Colour = std::array<uint8_t, 3>;

inline constexpr Colour ink{31, 33, 38}, soft{98, 102, 109}, accent{178, 74, 5};

struct Point {
  double x = 0, y = 0;  // pixels from the upper left corner
};

enum class Align { start, middle };

/// Something white to draw on: smooth lines, pictures, and plain lettering.
class Canvas {
 public:
  virtual ~Canvas() = default;

  /// A stroke with round ends, `width` pixels wide; what lies outside is left out.
  virtual void line(Point from, Point to, double width, Colour colour) = 0;
  /// A curve that leaves `from` downwards and reaches `to` from above.
  virtual void curve(Point from, Point to, double width, Colour colour) = 0;
  /// `image` with its upper left corner at (x, y), fineness() of its pixels along each side of one
  /// of the canvas's; it must lie inside.
  virtual void paste(const Image& image, int64_t y, int64_t x) = 0;
  /// One line of text, that begins or is centred at `at.x`, its capitals `size` pixels high and
  /// ending at `at.y`.
  virtual void text(std::string_view words, Point at, double size, Colour colour,
                    Align align = Align::middle) = 0;
  /// How many pixels pictures have for each of the canvas's, along a side.
  virtual int64_t fineness() const { return 1; }
  /// How wide a text is at most.
  static double text_width(std::string_view words, double size);
};

/// An image. Of text a box stands for what the lettering lacks.
class PixelCanvas final : public Canvas {
 public:
  PixelCanvas(int64_t height, int64_t width);

  void line(Point from, Point to, double width, Colour colour) override;
  void curve(Point from, Point to, double width, Colour colour) override;
  void paste(const Image& image, int64_t y, int64_t x) override;
  void text(std::string_view words, Point at, double size, Colour colour,
            Align align = Align::middle) override;

  const Image& image() const { return image_; }

 private:
  void blend(int64_t y, int64_t x, double share, Colour colour);

  Image image_;
};

/// An SVG file: lines and text as such, pictures inside it, twice as fine.
class SvgCanvas final : public Canvas {
 public:
  SvgCanvas(int64_t height, int64_t width);

  void line(Point from, Point to, double width, Colour colour) override;
  void curve(Point from, Point to, double width, Colour colour) override;
  void paste(const Image& image, int64_t y, int64_t x) override;
  void text(std::string_view words, Point at, double size, Colour colour,
            Align align = Align::middle) override;
  int64_t fineness() const override { return 2; }

  /// The whole file.
  std::string svg() const { return svg_ + "</svg>"; }

 private:
  std::string svg_;
};

/// A PDF file of one page: lines and text as such, in Helvetica, pictures inside it, twice as fine.
class PdfCanvas final : public Canvas {
 public:
  PdfCanvas(int64_t height, int64_t width) : height_(height), width_(width) {}

  void line(Point from, Point to, double width, Colour colour) override;
  void curve(Point from, Point to, double width, Colour colour) override;
  void paste(const Image& image, int64_t y, int64_t x) override;
  void text(std::string_view words, Point at, double size, Colour colour,
            Align align = Align::middle) override;
  int64_t fineness() const override { return 2; }

  /// The whole file.
  std::string pdf() const;

 private:
  struct Picture {
    int64_t height = 0, width = 0;
    std::string jpeg;
  };

  int64_t height_, width_;
  std::string content_;
  std::vector<Picture> pictures_;
};

}  // namespace hdecomp
