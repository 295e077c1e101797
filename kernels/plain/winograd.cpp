/// Convolutions of 3 x 3 by Winograd's F(4 x 4, 3 x 3): 36 products for 144 of each tile.
#include <omp.h>

#include <algorithm>
#include <array>

#include "kernels/loops/winograd_points_cpu.h"
#include "kernels/plain/conv_kernels.h"
#include "kernels/plain/tile.h"

namespace hdecomp::plain {
namespace {

namespace points = cpu::winograd_points;

constexpr int64_t side = points::in_side, step = points::out_side, kernel_side = points::kernel;
constexpr int64_t positions = side * side;

/// Of the transformed inputs of a task: about what a second-level cache holds.
constexpr int64_t cache_floats = 192 * 1024;
/// Tiles that a task has at most, still: for fewer the weights would come out of memory too often.
constexpr int64_t least_block = 54;
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
        d[i] = cells[i] == nullptr ? Lanes{} : load_some(cells[i] + c, some);
      }
      Lanes column[side], columns[side][side];
      for (int64_t j = 0; j < side; ++j) {
        for (int64_t i = 0; i < side; ++i) column[i] = d[i * side + j];
        points::to_points<points::AnySums>(column, columns[j]);
      }
      for (int64_t i = 0; i < side; ++i) {
        Lanes row[side];
        for (int64_t j = 0; j < side; ++j) column[j] = columns[j][i];
        points::to_points<points::AnySums>(column, row);
        for (int64_t j = 0; j < side; ++j) {
          store_some(row[j], to + (i * side + j) * block_ * depth_ + c, some);
        }
      }
    }
  }

  /// (positions, block_, columns)
  void multiply(const Operands& operands, const float* inputs, int64_t count, int64_t panel,
                int64_t columns, float* products) const {
    static const std::array<float, most_panels * panel_columns> zeros{};
    Tile tile{};
    tile.count = 1;
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
      Lanes m[side], half[side][step], y[step];
      for (int64_t j = 0; j < side; ++j) {
        for (int64_t i = 0; i < side; ++i) {
          m[i] = load_lanes(products + (i * side + j) * block_ * columns + c);
        }
        points::from_points<points::AnySums>(m, half[j]);
      }
      const Lanes shift = load_some(operands.bias + channel + c, some);
      for (int64_t i = 0; i < rows; ++i) {
        for (int64_t j = 0; j < side; ++j) m[j] = half[j][i];
        points::from_points<points::AnySums>(m, y);
        float* to = operands.to + channel + c +
                    ((at.image * g_.y.to + at.y + i) * g_.x.to + at.x) * g_.to_channels;
        for (int64_t x = 0; x < cells; ++x) {
          store_some(held(y[x] + shift), to + x * g_.to_channels, some);
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
  constexpr int64_t halves = panel_columns / lanes;
#pragma omp parallel for schedule(static) num_threads(threads)
  for (int64_t task = 0; task < layout.oc / panel_columns * halves; ++task) {
    const int64_t first = task * lanes, count = std::clamp<int64_t>(out - first, 0, lanes);
    float* panel = to + task / halves * positions * in * panel_columns + task % halves * lanes;
    for (int64_t i = 0; i < in; ++i) {
      alignas(64) float kernels[points::taps * lanes] = {};
      for (int64_t o = 0; o < count; ++o) {
        const float* from = weight + ((first + o) * in + i) * points::taps;
        for (int64_t tap = 0; tap < points::taps; ++tap) kernels[tap * lanes + o] = from[tap];
      }
      points::transform_kernels<points::LargeTiles, Lanes>(kernels, in * panel_columns,
                                                           panel + i * panel_columns);
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
