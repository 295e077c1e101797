/// Convolutions as products without a matrix of columns: each tile's rows are cells of the output,
/// and what a tap meets is a stretch of channels where it lies.
#include <omp.h>

#include <algorithm>
#include <array>

#include "kernels/plain/cells.h"
#include "kernels/plain/tile.h"

namespace hdecomp::plain {
namespace {

constexpr int64_t chunk_tiles = 16, chunk_cells = chunk_tiles * tile_rows;
/// Stretches of fewer channels are copied behind each other first.
constexpr int64_t few_channels = 8;

/// A tile's cells.
struct Cells {
  int64_t rows, stretches;
  std::array<float*, tile_rows> to;  // the first channel of each
};

class Direct final : public ConvKernel {
 public:
  Direct(const Geometry& g, int threads)
      : ConvKernel(g, threads),
        gathers_(g.from_each() < few_channels && g.taps() > 1),
        panels_(pieces(g.to_each(), panel_columns)),
        depth_(gathers_ ? g.taps() * g.from_each() : g.from_each()),
        zeros_(g.from_channels) {
    reserve((stretch_bytes() + column_bytes()) / static_cast<int64_t>(sizeof(float)));
  }
  const char* name() const override { return "plain:direct"; }

  void run(const dnnl::arguments& given) const override {
    const Operands operands(g_, given);
    const int64_t chunks = pieces(g_.cells(), chunk_cells), all = g_.groups * panels_;
    const int64_t each = panels_of_task(chunks, all);
    const int64_t parts = pieces(all, each);
#pragma omp parallel for schedule(dynamic) num_threads(threads_)
    for (int64_t task = 0; task < chunks * parts; ++task) {
      float* room = own_scratch(given);
      Chunk chunk{task / parts * chunk_cells,
                  0,
                  {},
                  reinterpret_cast<Stretch*>(room),
                  room + stretch_bytes() / static_cast<int64_t>(sizeof(float))};
      chunk.count = std::min(chunk_cells, g_.cells() - chunk.first);
      find_stretches(operands, chunk);
      const int64_t first = task % parts * each;
      run_panels(operands, chunk, first, std::min(first + each, all));
    }
  }

 private:
  /// Some cells in a task's hands.
  struct Chunk {
    int64_t first, count;
    std::array<Cells, chunk_tiles> tiles;
    Stretch* stretches;  // (tiles, taps)
    float* columns;      // (cells, depth) of one group, where they are gathered
    int64_t tiles_used() const { return pieces(count, tile_rows); }
  };

  int64_t stretch_bytes() const {
    return pieces(chunk_tiles * g_.taps() * static_cast<int64_t>(sizeof(Stretch)), 64) * 64;
  }
  int64_t column_bytes() const {
    return gathers_ ? chunk_cells * depth_ * static_cast<int64_t>(sizeof(float)) : 0;
  }

  void find_stretches(const Operands& operands, Chunk& chunk) const {
    std::array<Cell, tile_rows> cells;
    for (int64_t t = 0; t < chunk.tiles_used(); ++t) {
      Cells& tile = chunk.tiles[t];
      tile.rows = std::min(tile_rows, chunk.count - t * tile_rows);
      for (int64_t i = 0; i < tile.rows; ++i) {
        const Cell& at = cells[i] = cell_of(g_, chunk.first + t * tile_rows + i);
        tile.to[i] = operands.to + ((at.image * g_.y.to + at.y) * g_.x.to + at.x) * g_.to_channels;
      }
      if (gathers_) continue;
      Stretch* const first = chunk.stretches + t * g_.taps();
      Stretch* next = first;
      for (int64_t tap = 0; tap < g_.taps(); ++tap) {
        if (point(operands, cells, tile.rows, tap, *next)) ++next;
      }
      tile.stretches = next - first;
    }
  }

  /// Whether any row of the tap lies inside.
  bool point(const Operands& operands, const std::array<Cell, tile_rows>& cells, int64_t rows,
             int64_t tap, Stretch& to) const {
    bool any = false;
    to.place = tap;
    const int64_t r = tap / g_.x.taps, s = tap % g_.x.taps;
    for (int64_t i = 0; i < rows; ++i) {
      const int64_t y = g_.y.at(cells[i].y, r), x = g_.x.at(cells[i].x, s);
      const bool inside = y >= 0 && x >= 0;
      any = any || inside;
      to.rows[i] = inside ? operands.from + g_.from_cell(cells[i].image, y, x) * g_.from_channels
                          : zeros_.data();
    }
    return any;
  }

  /// A group's few channels under each tap, those of a cell behind each other.
  void gather(const Operands& operands, const Chunk& chunk, int64_t group) const {
    for (int64_t i = 0; i < chunk.count; ++i) {
      gather_cell(g_, operands, cell_of(g_, chunk.first + i), group, chunk.columns + i * depth_);
    }
  }

  void run_panels(const Operands& operands, const Chunk& chunk, int64_t first, int64_t end) const {
    int64_t gathered = -1;
    for (int64_t i = first; i < end;) {
      const int64_t group = i / panels_, panel = i % panels_;
      const int64_t count = std::min({panels_at_once(), panels_ - panel, end - i});
      if (gathers_ && gathered != group) gather(operands, chunk, gathered = group);
      run_panel(operands, chunk, group, panel, count);
      i += count;
    }
  }

  /// Depth in parts whose weights stay in the first-level cache for all tiles.
  void run_panel(const Operands& operands, const Chunk& chunk, int64_t group, int64_t panel,
                 int64_t count) const {
    const int64_t channel = panel * panel_columns;
    std::array<float, most_panels * panel_columns> begin{};
    Tile tile{};
    tile.columns = std::min(count * panel_columns, g_.to_each() - channel);
    if (operands.bias != nullptr) {
      std::copy_n(operands.bias + group * g_.to_each() + channel, tile.columns, begin.data());
    }
    tile.stretch_floats = depth_ * panel_columns;
    tile.panel_floats = g_.taps() * g_.from_each() * panel_columns;
    const float* first = operands.weights + (group * panels_ + panel) * tile.panel_floats;
    const int64_t at_once = std::max<int64_t>(depth_at_once() / depth_, 1);
    for (int64_t stretch = 0; stretch < (gathers_ ? 1 : g_.taps()); stretch += at_once) {
      for (int64_t k = 0; k < depth_; k += depth_at_once()) {
        tile.offset = (gathers_ ? 0 : group * g_.from_each()) + k;
        tile.depth = std::min(depth_at_once(), depth_ - k);
        tile.b = first + k * panel_columns;
        tile.begin = stretch == 0 && k == 0 ? begin.data() : nullptr;
        const bool whole = k + tile.depth == depth_;
        run_tiles(chunk, group * g_.to_each() + channel, {stretch, at_once, whole}, tile);
      }
    }
  }

  /// Of each tile's sums.
  struct Part {
    int64_t first, count;  // stretches
    bool whole;            // to their ends
  };

  void run_tiles(const Chunk& chunk, int64_t channel, const Part& part, Tile& tile) const {
    for (int64_t t = 0; t < chunk.tiles_used(); ++t) {
      const Cells& cells = chunk.tiles[t];
      const int64_t all = gathers_ ? 1 : cells.stretches;
      tile.count = std::clamp<int64_t>(all - part.first, 0, part.count);
      if (tile.count == 0 && tile.begin == nullptr) continue;
      const bool last = all == 0 || (part.whole && part.first + tile.count == all);
      tile.low = last ? g_.low : -std::numeric_limits<float>::infinity();
      tile.high = last ? g_.high : std::numeric_limits<float>::infinity();
      Stretch row{};
      std::array<float*, tile_rows> c;
      for (int64_t i = 0; i < cells.rows; ++i) {
        c[i] = cells.to[i] + channel;
        row.rows[i] = chunk.columns + (t * tile_rows + i) * depth_;
      }
      tile.stretches = gathers_ ? &row : chunk.stretches + t * g_.taps() + part.first;
      tile.c = c.data();
      tile.rows = cells.rows;
      run_tile(tile);
    }
  }

  bool gathers_;
  int64_t panels_;  // of a group
  int64_t depth_;   // of a stretch
  std::vector<float> zeros_;
};

}  // namespace

std::shared_ptr<ConvKernel> make_direct(const Geometry& g, const dnnl::memory::dims& weights,
                                        int threads) {
  const bool grouped = weights.size() == 5;
  const int blocked = (grouped ? 1 : 0) + (g.back() ? 1 : 0);
  const int summed = (grouped ? 1 : 0) + (g.back() ? 0 : 1);
  const int y = grouped ? 3 : 2;
  std::vector<int> order{blocked, y, y + 1, summed};
  if (grouped) order.insert(order.begin(), 0);
  auto made = std::make_shared<Direct>(g, threads);
  made->weights = ordered(weights, order, blocked, panel_columns);
  return made;
}

}  // namespace hdecomp::plain
