/// Convolutions of 3 x 3 by Winograd's F(4 x 4, 3 x 3): 36 products for 144 of each tile.
///
/// Y = A^T [(G g G^T) * (B^T d B)] A for a tile d of 6 x 6 inputs and the kernel g (Lavin and Gray,
/// 2016); the matrices are Toom and Cook's for the points 0, a, -a, b, -b and infinity.
#include <omp.h>

#include <algorithm>
#include <array>

#include "kernels/plain/conv_kernels.h"
#include "kernels/plain/lanes.h"
#include "kernels/plain/tile.h"

namespace hdecomp::plain {
namespace {

constexpr int64_t side = 6, step = 4, kernel_side = 3;
constexpr int64_t positions = side * side;

constexpr float a = 5.0f / 8, b = 3.0f / 2;
constexpr float a2 = a * a, b2 = b * b;

/// Of the transformed inputs of a task: about what a second-level cache holds.
constexpr int64_t cache_floats = 192 * 1024;
/// Tiles that a task has at most, still: for fewer the weights would come out of memory too often.
constexpr int64_t least_block = 54;
/// B^T d of one column or row, in place, `at` apart.
inline void transform_input(Lanes* d, int64_t at) {
  const Lanes d0 = d[0], d1 = d[at], d2 = d[2 * at], d3 = d[3 * at], d4 = d[4 * at];
  const Lanes even_a = d4 - b2 * d2, odd_a = a * (d3 - b2 * d1);
  const Lanes even_b = d4 - a2 * d2, odd_b = b * (d3 - a2 * d1);
  d[0] = a2 * b2 * d0 - (a2 + b2) * d2 + d4;
  d[at] = even_a + odd_a;
  d[2 * at] = even_a - odd_a;
  d[3 * at] = even_b + odd_b;
  d[4 * at] = even_b - odd_b;
  d[5 * at] += a2 * b2 * d1 - (a2 + b2) * d3;
}

/// G g of one column or row: three values to six.
inline void transform_kernel(const Lanes* g, int64_t from, Lanes* u, int64_t to) {
  constexpr float scale_0 = 1 / (a2 * b2);
  constexpr float scale_a = 1 / (2 * a2 * (a2 - b2)), scale_b = 1 / (2 * b2 * (b2 - a2));
  const Lanes even_a = scale_a * (g[0] + a2 * g[2 * from]), odd_a = scale_a * a * g[from];
  const Lanes even_b = scale_b * (g[0] + b2 * g[2 * from]), odd_b = scale_b * b * g[from];
  u[0] = scale_0 * g[0];
  u[to] = even_a + odd_a;
  u[2 * to] = even_a - odd_a;
  u[3 * to] = even_b + odd_b;
  u[4 * to] = even_b - odd_b;
  u[5 * to] = g[2 * from];
}

/// A^T m of one column or row: six values to the first four places.
inline void transform_output(Lanes* m, int64_t at) {
  const Lanes sum_a = m[at] + m[2 * at], difference_a = m[at] - m[2 * at];
  const Lanes sum_b = m[3 * at] + m[4 * at], difference_b = m[3 * at] - m[4 * at];
  m[0] += sum_a + sum_b;
  m[at] = a * difference_a + b * difference_b;
  m[2 * at] = a2 * sum_a + b2 * sum_b;
  m[3 * at] = a2 * a * difference_a + b2 * b * difference_b + m[5 * at];
}

class Winograd final : public ConvKernel {
 public:
  Winograd(const Geometry& g, int threads)
      : ConvKernel(g, threads),
        down_(pieces(g.y.to, step)),
        across_(pieces(g.x.to, step)),
        tiles_(g.images * down_ * across_),
        depth_(g.from_channels),
        panels_(pieces(g.to_channels, panel_columns)) {
    const int64_t most = std::max(cache_floats / (positions * depth_), least_block);
    block_ = pieces(pieces(tiles_, pieces(tiles_, most)), tile_rows) * tile_rows;
    reserve(positions * block_ * (depth_ + most_panels * panel_columns));
  }
  const char* name() const override { return "plain:winograd"; }

  void run(const dnnl::arguments& given) const override {
    const Operands operands(g_, given);
    const int64_t blocks = pieces(tiles_, block_);
    const int64_t each = panels_of_task(blocks, panels_);
    const int64_t parts = pieces(panels_, each);
#pragma omp parallel for schedule(dynamic) num_threads(threads_)
    for (int64_t task = 0; task < blocks * parts; ++task) {
      float* inputs = own_scratch(given);
      float* products = inputs + positions * block_ * depth_;
      const int64_t first = task / parts * block_, count = std::min(block_, tiles_ - first);
      for (int64_t i = 0; i < count; ++i) put_input(operands, first + i, inputs + i * depth_);
      const int64_t end = std::min((task % parts + 1) * each, panels_);
      for (int64_t p = task % parts * each; p < end; p += panels_at_once()) {
        const int64_t columns = std::min(panels_at_once(), end - p) * panel_columns;
        multiply(operands, inputs, count, p, columns, products);
        for (int64_t i = 0; i < count; ++i) {
          put_output(operands, first + i, p * panel_columns, columns, products + i * columns);
        }
      }
    }
  }

 private:
  struct Place {
    int64_t image, y, x;  // of the tile's first output
  };
  Place place(int64_t tile) const {
    const int64_t in_map = tile % (down_ * across_);
    return {tile / (down_ * across_), in_map / across_ * step, in_map % across_ * step};
  }

  /// A tile's inputs, transformed: (positions, block_, depth_).
  void put_input(const Operands& operands, int64_t tile, float* to) const {
    const Place at = place(tile);
    std::array<const float*, positions> cells;
    for (int64_t i = 0; i < positions; ++i) {
      const int64_t y = at.y - g_.y.pad + i / side, x = at.x - g_.x.pad + i % side;
      const bool inside = y >= 0 && y < g_.y.from && x >= 0 && x < g_.x.from;
      cells[i] = inside ? operands.from + g_.from_cell(at.image, y, x) * depth_ : nullptr;
    }
    for (int64_t c = 0; c < depth_; c += lanes) {
      const int64_t some = std::min(lanes, depth_ - c);
      Lanes d[positions];
      for (int64_t i = 0; i < positions; ++i) {
        d[i] = cells[i] == nullptr ? Lanes{} : load(cells[i] + c, some);
      }
      for (int64_t j = 0; j < side; ++j) transform_input(d + j, side);
      for (int64_t i = 0; i < side; ++i) transform_input(d + i * side, 1);
      for (int64_t i = 0; i < positions; ++i) {
        store(d[i], to + i * block_ * depth_ + c, some);
      }
    }
  }

  /// (positions, block_, columns)
  void multiply(const Operands& operands, const float* inputs, int64_t count, int64_t panel,
                int64_t columns, float* products) const {
    static const std::array<float, most_panels * panel_columns> zeros{};
    Tile tile{};
    tile.count = tile.step = 1;
    tile.columns = columns;
    tile.panel_floats = positions * depth_ * panel_columns;
    const float* first = operands.weights + panel * tile.panel_floats;
    for (int64_t position = 0; position < positions; ++position) {
      const float* rows = inputs + position * block_ * depth_;
      float* to = products + position * block_ * columns;
      for (int64_t k = 0; k < depth_; k += depth_at_once()) {
        tile.offset = k, tile.depth = std::min(depth_at_once(), depth_ - k);
        tile.b = first + (position * depth_ + k) * panel_columns;
        tile.begin = k == 0 ? zeros.data() : nullptr;
        run_rows(rows, count, to, tile);
      }
    }
  }

  void run_rows(const float* rows, int64_t count, float* to, Tile& tile) const {
    for (int64_t row = 0; row < count; row += tile_rows) {
      Stretch stretch{};
      std::array<float*, tile_rows> c;
      tile.rows = std::min(tile_rows, count - row);
      for (int64_t i = 0; i < tile.rows; ++i) {
        stretch.rows[i] = rows + (row + i) * depth_;
        c[i] = to + (row + i) * tile.columns;
      }
      tile.stretches = &stretch;
      tile.c = c.data();
      run_tile(tile);
    }
  }

  void put_output(const Operands& operands, int64_t tile, int64_t channel, int64_t columns,
                  const float* products) const {
    const Place at = place(tile);
    const int64_t rows = std::min(step, g_.y.to - at.y), cells = std::min(step, g_.x.to - at.x);
    for (int64_t c = 0; c < columns && channel + c < g_.to_channels; c += lanes) {
      const int64_t some = std::min(lanes, g_.to_channels - channel - c);
      Lanes m[positions];
      for (int64_t i = 0; i < positions; ++i) {
        m[i] = load(products + i * block_ * columns + c, lanes);
      }
      for (int64_t j = 0; j < side; ++j) transform_output(m + j, side);
      for (int64_t i = 0; i < step; ++i) transform_output(m + i * side, 1);
      const Lanes shift = load(operands.bias + channel + c, some);
      for (int64_t y = 0; y < rows; ++y) {
        float* to = operands.to +
                    ((at.image * g_.y.to + at.y + y) * g_.x.to + at.x) * g_.to_channels + channel +
                    c;
        for (int64_t x = 0; x < cells; ++x) {
          const Lanes sum = m[y * side + x] + shift;
          store(held(sum, g_.low, g_.high), to + x * g_.to_channels, some);
        }
      }
    }
  }

  int64_t down_, across_, tiles_;
  int64_t depth_, panels_;
  int64_t block_ = 0;  // tiles of a task
};

}  // namespace

bool Geometry::suits_winograd() const {
  const bool fits = groups == 1 && !back() && y.taps == kernel_side && x.taps == kernel_side &&
                    y.stride == 1 && x.stride == 1 && y.reach == 1 && x.reach == 1;
  return fits && y.to * x.to >= 10 * 10;
}

void fill_winograd(const float* weight, const dnnl_wino_desc_t& layout, int64_t out, int64_t in,
                   float* to, int threads) {
  constexpr int64_t all = kernel_side * kernel_side, halves = panel_columns / lanes;
#pragma omp parallel for schedule(static) num_threads(threads)
  for (int64_t task = 0; task < layout.oc / panel_columns * halves; ++task) {
    const int64_t first = task * lanes, count = std::clamp<int64_t>(out - first, 0, lanes);
    float* panel = to + task / halves * positions * in * panel_columns + task % halves * lanes;
    for (int64_t i = 0; i < in; ++i) {
      Lanes g[all] = {}, half[side * kernel_side], u[positions];
      for (int64_t o = 0; o < count; ++o) {
        const float* from = weight + ((first + o) * in + i) * all;
        for (int64_t tap = 0; tap < all; ++tap) g[tap][o] = from[tap];
      }
      for (int64_t j = 0; j < kernel_side; ++j)
        transform_kernel(g + j, kernel_side, half + j, kernel_side);
      for (int64_t r = 0; r < side; ++r)
        transform_kernel(half + r * kernel_side, 1, u + r * side, 1);
      for (int64_t p = 0; p < positions; ++p) {
        store(u[p], panel + (p * in + i) * panel_columns, lanes);
      }
    }
  }
}

std::shared_ptr<ConvKernel> make_winograd(const Geometry& g, const dnnl::memory::dims& weights,
                                          int threads) {
  auto made = std::make_shared<Winograd>(g, threads);
  dnnl::memory::desc layout = ordered(weights, {0, 1, 2, 3});
  layout.data.format_kind = dnnl_format_kind_wino;
  dnnl_wino_desc_t& wino = layout.data.format_desc.wino_desc;
  const int64_t out = pieces(g.to_channels, panel_columns) * panel_columns;
  wino.r = kernel_side, wino.alpha = side;
  wino.ic = static_cast<int>(g.from_channels), wino.oc = static_cast<int>(out);
  wino.ic_block = wino.ic2_block = wino.oc2_block = 1;
  wino.oc_block = panel_columns;
  wino.adj_scale = 1;
  wino.size = positions * g.from_channels * out * sizeof(float);
  made->weights = layout;
  return made;
}

}  // namespace hdecomp::plain
