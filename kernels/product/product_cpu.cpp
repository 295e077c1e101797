/// A factor is packed, so that tile after tile reads it from one end to the other, where it is read
/// often, or does not lie in whole vectors.
#include "kernels/product/product_cpu.h"

#include <algorithm>
#include <array>

#include "kernels/loops/pieces.h"
#include "kernels/product/product_tile_cpu.h"
#include "kernels/product/turned_square_cpu.h"

namespace hdecomp::cpu {
namespace {

// Of A, what stays in the second-level cache while panels of B pass, each of which stays there,
// too.
constexpr int64_t rows_at_once = 256, depth_at_once = 128, most_columns = 48;
constexpr int64_t few_rows = 128;  // a panel of B is read so often where it lies, in many pages
// Floats of eight packed rows, and of a line: else all of them would share a set of the first
// cache.
constexpr int64_t packed_tile = product_rows * depth_at_once + 16;

/// What lies side by side when packed: rows of A or columns of B, of one stretch of the depth.
struct Strip {
  const float* from;  // the first one's number at the stretch's beginning
  int64_t step;
  bool together;  // side by side in the matrix, too; else each has its numbers side by side
  int64_t count, depth;
};

/// to[k * width + i] of `width` >= count, zero from there on; whole lanes.
void pack_together(const Strip& strip, int64_t width, float* to) {
  const int64_t whole = strip.count / lanes * lanes;
  const float* from = strip.from;
  for (int64_t k = 0; k < strip.depth; ++k, from += strip.step, to += width) {
    for (int64_t i = 0; i < whole; i += lanes) store_lanes(load_lanes(from + i), to + i);
    for (int64_t i = whole; i < width; i += lanes) {
      store_lanes(load_some(from + i, std::max<int64_t>(strip.count - i, 0)), to + i);
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

/// Where tiles read a factor: the next number of the depth lies `step` behind, the next tile
/// `tile`.
struct Reading {
  const float* first;
  int64_t step, tile;
};

/// A's rows by eights, packed. Where they lie together, what they have at one place of the depth is
/// read in one go.
Reading packed_rows(const Strip& strip, float* to) {
  static_assert(product_rows == lanes);
  const int64_t whole = strip.together ? strip.count / lanes * lanes : 0;
  const float* from = strip.from;
  for (int64_t k = 0; k < strip.depth; ++k, from += strip.step) {
    float* place = to + k * lanes;
    for (int64_t row = 0; row < whole; row += lanes, place += packed_tile) {
      store_lanes(load_lanes(from + row), place);
    }
  }
  for (int64_t row = whole; row < strip.count; row += lanes) {
    Strip some = strip;
    some.from += row * (strip.together ? 1 : strip.step);
    some.count = std::min(lanes, strip.count - row);
    pack(some, lanes, to + row / lanes * packed_tile);
  }
  return {to, lanes, packed_tile};
}

/// A panel of B for so many rows of A: as it lies, or packed.
Reading panel_of(const Strip& strip, int64_t width, int64_t rows, float* packing) {
  if (strip.together && strip.count == width && rows <= few_rows)
    return {strip.from, strip.step, 0};
  pack(strip, width, packing);
  return {packing, width, 0};
}

/// A panel's tiles, from the first row to the last, A's `a_tile` apart. Those of part of a vector's
/// columns go through a room of their own.
void run_panel(ProductTile tile, int64_t a_tile, int64_t rows, int64_t columns) {
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
    tile.a += a_tile, tile.c += product_rows * tile.step;
  }
}

}  // namespace

int64_t packing_floats() {
  return rows_at_once / product_rows * packed_tile + depth_at_once * most_columns;
}

void multiply(const ProductSize& size, const Factor& a, const Factor& b, bool add, float* c,
              int64_t step, float* packing) {
  const int64_t vector = vector_columns(), vectors = pieces(size.columns, vector);
  const int64_t panels = pieces(vectors * vector, panel_columns());
  float* packed_b = packing + rows_at_once / product_rows * packed_tile;
  const auto strip = [&](const Factor& f, bool is_a, int64_t k, int64_t first, int64_t count) {
    const bool together = f.turned == is_a;
    return Strip{f.data + (together ? k * f.step + first : first * f.step + k), f.step, together,
                 count, std::min(depth_at_once, size.depth - k)};
  };
  for (int64_t row = 0; row < size.rows; row += rows_at_once) {
    const int64_t rows = std::min(rows_at_once, size.rows - row);
    for (int64_t k = 0; k == 0 || k < size.depth; k += depth_at_once) {
      const Strip some_rows = strip(a, true, k, row, rows);
      const bool once = some_rows.together && panels <= 2;  // packing would read it as often
      const Reading from_a = once ? Reading{some_rows.from, some_rows.step, product_rows}
                                  : packed_rows(some_rows, packing);
      for (int64_t panel = 0, first = 0; panel < panels; ++panel) {
        // As even as can be: a tile of one vector waits for its own sums.
        const int64_t wide = pieces(vectors - first / vector, panels - panel) * vector;
        const int64_t columns = std::min(wide, size.columns - first);
        const Reading from_b = panel_of(strip(b, false, k, first, columns), wide, rows, packed_b);
        run_panel({from_a.first, from_b.first, from_a.step, from_b.step, some_rows.depth, 0, wide,
                   add || k > 0, c + row * step + first, step},
                  from_a.tile, rows, columns);
        first += wide;
      }
    }
  }
}

}  // namespace hdecomp::cpu
