/// Height and width of a picture or of a network's input.
#pragma once

#include <cstdint>
#include <ostream>

namespace hdecomp {

/// In pixels. A single number is a square.
struct PixelSize {
  int64_t height = 0, width = 0;

  constexpr PixelSize() = default;
  constexpr PixelSize(int64_t side) : height(side), width(side) {}
  constexpr PixelSize(int64_t rows, int64_t columns) : height(rows), width(columns) {}

  constexpr bool is_square() const { return height == width; }
  constexpr bool fits_in(const PixelSize& other) const {
    return height <= other.height && width <= other.width;
  }
  friend constexpr bool operator==(const PixelSize&, const PixelSize&) = default;
};

/// "96 x 160", the height first.
inline std::ostream& operator<<(std::ostream& out, const PixelSize& size) {
  return out << size.height << " x " << size.width;
}

}  // namespace hdecomp
