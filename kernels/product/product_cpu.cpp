/// Both factors are packed, so that a tile reads them from one end to the other.
#include "kernels/product/product_cpu.h"

#include <algorithm>
#include <array>

#include "kernels/core/pieces.h"
#include "kernels/product/product_tile_cpu.h"
#include "kernels/product/turned_square_cpu.h"

namespace hdecomp::cpu {
namespace {

// Of A, what stays in the second-level cache while panels of B pass, each of which stays there,
// too.
constexpr int64_t rows_at_once = 256, depth_at_once = 256, most_columns = 48;

/// What lies side by side when packed: rows of A or columns of B, of one stretch of the depth.
struct Strip {
  const float* from;  // the first one's number at the stretch's beginning
  int64_t step;
  bool together;  // side by side in the matrix, too; else each has its numbers side by side
  int64_t count, depth;
};

/// to[k * width + i] of `width` >= count, zero from there on; whole lanes.
void pack_together(const Strip& strip, int64_t width, float* to) {
  const float* from = strip.from;
  for (int64_t k = 0; k < strip.depth; ++k, from += strip.step, to += width) {
    for (int64_t i = 0; i < width; i += lanes) {
      store_lanes(load_some(from + i, std::clamp<int64_t>(strip.count - i, 0, lanes)), to + i);
    }
  }
}

void pack_turned(const Strip& strip, int64_t width, float* to) {
  for (int64_t i = 0; i < width; i += lanes) {
    const float* from = strip.from + i * strip.step;
    const int64_t count = std::clamp<int64_t>(strip.count - i, 0, lanes);
    const int64_t whole = count == lanes ? strip.depth / lanes * lanes : 0;
    for (int64_t k = 0; k < whole; k += lanes) {
      turn_square(from + k, strip.step, to + k * width + i, width);
    }
    for (int64_t k = whole; k < strip.depth; ++k) {
      for (int64_t j = 0; j < lanes; ++j) {
        to[k * width + i + j] = j < count ? from[j * strip.step + k] : 0.0f;
      }
    }
  }
}

void pack(const Strip& strip, int64_t width, float* to) {
  strip.together ? pack_together(strip, width, to) : pack_turned(strip, width, to);
}

/// A panel's tiles, from the first row to the last. Those of part of a vector's columns go through
/// a room of their own.
void run_panel(ProductTile tile, int64_t rows, int64_t columns) {
  alignas(64) std::array<float, product_rows * most_columns> room;
  for (int64_t row = 0; row < rows; row += product_rows) {
    tile.rows = std::min(rows - row, product_rows);
    if (columns == tile.columns) {
      run_tile(tile);
    } else {
      ProductTile part = tile;
      part.c = room.data(), part.step = tile.columns;
      for (int64_t i = 0; tile.add && i < tile.rows; ++i) {
        std::copy_n(tile.c + i * tile.step, columns, part.c + i * part.step);
      }
      run_tile(part);
      for (int64_t i = 0; i < tile.rows; ++i) {
        std::copy_n(part.c + i * part.step, columns, tile.c + i * tile.step);
      }
    }
    tile.a += product_rows * tile.depth, tile.c += product_rows * tile.step;
  }
}

}  // namespace

int64_t packing_floats() { return depth_at_once * (rows_at_once + most_columns); }

void multiply(const ProductSize& size, const Factor& a, const Factor& b, bool add, float* c,
              int64_t step, float* packing) {
  const int64_t vector = vector_columns(), vectors = pieces(size.columns, vector);
  const int64_t panels = pieces(vectors * vector, panel_columns());
  float* packed_b = packing + depth_at_once * rows_at_once;
  const auto strip = [&](const Factor& f, bool is_a, int64_t k, int64_t first) {
    const bool together = f.turned == is_a;
    return Strip{f.data + (together ? k * f.step + first : first * f.step + k), f.step, together, 0,
                 std::min(depth_at_once, size.depth - k)};
  };
  for (int64_t row = 0; row < size.rows; row += rows_at_once) {
    const int64_t rows = std::min(rows_at_once, size.rows - row);
    for (int64_t k = 0; k == 0 || k < size.depth; k += depth_at_once) {
      for (int64_t i = 0; i < rows; i += product_rows) {
        Strip some = strip(a, true, k, row + i);
        some.count = std::min(product_rows, rows - i);
        pack(some, product_rows, packing + i * some.depth);
      }
      for (int64_t panel = 0, first = 0; panel < panels; ++panel) {
        // As even as can be: a tile of one vector waits for its own sums.
        const int64_t wide = pieces(vectors - first / vector, panels - panel) * vector;
        Strip some = strip(b, false, k, first);
        some.count = std::min(wide, size.columns - first);
        pack(some, wide, packed_b);
        run_panel(
            {packing, packed_b, some.depth, 0, wide, add || k > 0, c + row * step + first, step},
            rows, some.count);
        first += wide;
      }
    }
  }
}

}  // namespace hdecomp::cpu
