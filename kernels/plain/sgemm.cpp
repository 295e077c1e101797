/// Matrix products in tiles: columns packed in panels, and rows that lie turned in sixes.
#include <algorithm>
#include <array>
#include <dnnl.hpp>
#include <vector>

#include "kernels/plain/tile.h"

namespace hdecomp::plain {
namespace {

/// A factor: element (row, column) lies at row * step + column, turned at column * step + row.
struct Factor {
  const float* data;
  int64_t step;
  bool turned;

  const float* at(int64_t row, int64_t column) const {
    return data + (turned ? column * step + row : row * step + column);
  }
};

/// Columns [first, first + count) of rows [begin, begin + depth), panel_columns side by side.
void pack_panel(const Factor& b, int64_t begin, int64_t depth, int64_t first, int64_t count,
                float* to) {
  for (int64_t k = 0; k < depth; ++k) {
    float* row = to + k * panel_columns;
    if (!b.turned) {
      std::copy_n(b.at(begin + k, first), count, row);
    } else {
      for (int64_t j = 0; j < count; ++j) row[j] = *b.at(begin + k, first + j);
    }
    std::fill(row + count, row + panel_columns, 0.0f);
  }
}

/// What one thread packs into, kept for its next product.
struct Room {
  std::vector<float> panels, rows;
};

class Product {
 public:
  Product(int64_t m, int64_t n, const Factor& a, const Factor& b, float* c, int64_t c_step)
      : m_(m), n_(n), a_(a), b_(b), c_(c), c_step_(c_step) {}

  /// Adds the part of the sums over k from `begin` on.
  void add(int64_t begin, int64_t depth, bool from_zero, Room& room) const {
    const int64_t panels = (n_ + panel_columns - 1) / panel_columns;
    const int64_t panel_floats = depth * panel_columns;
    room.panels.resize(panels * panel_floats);
    for (int64_t p = 0; p < panels; ++p) {
      pack_panel(b_, begin, depth, p * panel_columns,
                 std::min(panel_columns, n_ - p * panel_columns),
                 room.panels.data() + p * panel_floats);
    }
    if (a_.turned) pack_rows(begin, depth, room);
    static const std::array<float, most_panels * panel_columns> zeros{};
    Tile tile{};
    tile.count = 1, tile.depth = depth;
    tile.step = a_.turned ? tile_rows : 1;
    tile.panel_floats = panel_floats;
    tile.begin = from_zero ? zeros.data() : nullptr;
    for (int64_t p = 0; p < panels; p += panels_at_once()) {
      tile.b = room.panels.data() + p * panel_floats;
      tile.columns = std::min(panels_at_once() * panel_columns, n_ - p * panel_columns);
      for (int64_t row = 0; row < m_; row += tile_rows) {
        run(tile, row, p * panel_columns, begin, depth, room);
      }
    }
  }

 private:
  void pack_rows(int64_t begin, int64_t depth, Room& room) const {
    room.rows.resize((m_ + tile_rows - 1) / tile_rows * tile_rows * depth);
    float* to = room.rows.data();
    for (int64_t row = 0; row < m_; row += tile_rows) {
      const int64_t count = std::min(tile_rows, m_ - row);
      for (int64_t k = 0; k < depth; ++k, to += tile_rows) {
        std::copy_n(a_.at(row, begin + k), count, to);
      }
    }
  }

  void run(Tile& tile, int64_t row, int64_t column, int64_t begin, int64_t depth,
           const Room& room) const {
    Stretch stretch{};
    std::array<float*, tile_rows> c{};
    tile.rows = std::min(tile_rows, m_ - row);
    for (int64_t i = 0; i < tile.rows; ++i) {
      stretch.rows[i] = a_.turned ? room.rows.data() + row * depth + i : a_.at(row + i, begin);
      c[i] = c_ + (row + i) * c_step_ + column;
    }
    tile.stretches = &stretch;
    tile.c = c.data();
    run_tile(tile);
  }

  int64_t m_, n_;
  Factor a_, b_;
  float* c_;
  int64_t c_step_;
};

}  // namespace
}  // namespace hdecomp::plain

dnnl_status_t dnnl_sgemm(char turn_a, char turn_b, dnnl_dim_t m, dnnl_dim_t n, dnnl_dim_t k,
                         float alpha, const float* a, dnnl_dim_t a_step, const float* b,
                         dnnl_dim_t b_step, float beta, float* c, dnnl_dim_t c_step) {
  using namespace hdecomp::plain;
  if (alpha != 1 || (beta != 0 && beta != 1)) return dnnl_unimplemented;
  thread_local Room room;
  try {
    const Product product(m, n, {a, a_step, turn_a == 'T'}, {b, b_step, turn_b == 'T'}, c, c_step);
    int64_t done = 0;
    do {
      const int64_t depth = std::min(depth_at_once(), k - done);
      product.add(done, depth, done == 0 && beta == 0, room);
      done += depth;
    } while (done < k);
  } catch (const std::bad_alloc&) {
    return dnnl_out_of_memory;
  }
  return dnnl_success;
}
