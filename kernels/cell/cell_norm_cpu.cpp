/// Means, layer norm and moves over maps whose channels lie side by side.
#include "kernels/cell/cell_norm_cpu.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "kernels/cell/cell_choice.h"
#include "kernels/core/parallel.h"
#include "kernels/loops/channel_copies_cpu.h"
#include "kernels/loops/lanes_cpu.h"
#include "kernels/loops/pieces.h"

namespace hdecomp::cpu {
namespace {

using namespace cell;

// Channels of a mean that a task adds up: there are tasks for all threads where the output is a
// single cell.
constexpr int64_t mean_channels = 64;

/// A rectangle of cells in a map of `width` cells, `step` floats apart.
struct MeanCells {
  Cells rows, columns;
  int64_t width, step;
};

/// The means of `vectors` lanes of neighbouring channels, of which the last has `last` channels.
/// The sums stay in registers.
template <int vectors>
void mean_cell(const float* x, const MeanCells& cells, float share, int64_t last, float* y) {
  Lanes sums[vectors] = {};
  for (int64_t r = cells.rows.begin; r < cells.rows.end; ++r) {
    Lanes row[vectors] = {};
    const float* from = x + (r * cells.width + cells.columns.begin) * cells.step;
    for (int64_t q = cells.columns.begin; q < cells.columns.end; ++q, from += cells.step) {
      for (int v = 0; v + 1 < vectors; ++v) row[v] += load_lanes(from + v * lanes);
      row[vectors - 1] += load_some(from + (vectors - 1) * lanes, last);
    }
    for (int v = 0; v < vectors; ++v) sums[v] += row[v];
  }
  for (int v = 0; v + 1 < vectors; ++v) store_lanes(sums[v] * share, y + v * lanes);
  store_some(sums[vectors - 1] * share, y + (vectors - 1) * lanes, last);
}

/// `count` neighbouring channels' means of output row `i`.
void mean_row(const MeanRule& rule, const CellLayout& in, const float* x, int i, int64_t columns,
              int64_t count, float* y) {
  constexpr int at_once = 4;
  MeanCells cells{rule.y.inside(i), {}, in.width, in.block};
  for (int64_t j = 0; j < columns; ++j, y += in.block) {
    cells.columns = rule.x.inside(to_int(j));
    const float share = rule.share(i, to_int(j));
    int64_t c = 0;
    for (; c + at_once * lanes <= count; c += at_once * lanes) {
      mean_cell<at_once>(x + c, cells, share, lanes, y + c);
    }
    for (; c + 2 * lanes <= count; c += 2 * lanes) {
      mean_cell<2>(x + c, cells, share, lanes, y + c);
    }
    for (; c < count; c += lanes) {
      mean_cell<1>(x + c, cells, share, std::min(lanes, count - c), y + c);
    }
  }
}

/// The channels of one cell, in blocks that are `step` floats apart.
struct NormCell {
  const float* x;
  int64_t channels, block, step;

  /// body(first channel, its place, how many) for each block.
  template <class Body>
  void each_block(Body&& body) const {
    for (int64_t first = 0; first < channels; first += block) {
      body(first, first / block * step, std::min(block, channels - first));
    }
  }
  /// The sum of term(values) over all channels, in an order that the layout fixes.
  template <class Term>
  float sum(Term term) const {
    Lanes sums{};
    float total = 0;
    each_block([&](int64_t, int64_t at, int64_t count) {
      const int64_t whole = count / lanes * lanes;
      for (int64_t c = 0; c < whole; c += lanes) sums += term(load_lanes(x + at + c));
      for (int64_t c = whole; c < count; ++c) total += term(Lanes{} + x[at + c])[0];
    });
    for (int64_t i = 0; i < lanes; ++i) total += sums[i];
    return total;
  }
};

void norm_cell(const NormCell& cell, float epsilon, const float* scale, const float* shift,
               float* y) {
  const auto channels = static_cast<float>(cell.channels);
  const float mean = cell.sum([](const Lanes& v) { return v; }) / channels;
  const float squares = cell.sum([mean](const Lanes& v) { return (v - mean) * (v - mean); });
  const float inverse = 1 / std::sqrt(squares / channels + epsilon);
  cell.each_block([&](int64_t first, int64_t at, int64_t count) {
#pragma omp simd
    for (int64_t c = 0; c < count; ++c) {
      y[at + c] = (cell.x[at + c] - mean) * inverse * scale[first + c] + shift[first + c];
    }
    std::fill(y + at + count, y + at + cell.block, 0.0f);
  });
}

}  // namespace

void block_means(const Context& context, const CellOp& op, const CellLayout& in,
                 const CellLayout& out, const float* x, float* y) {
  const MeanRule rule{mean_axis(op.y, op.map_h, op.in_y, op.out_y),
                      mean_axis(op.x, op.map_w, op.in_x, op.out_x), op.count_padding, Maps()};
  const int64_t parts = pieces(out.block, mean_channels);
  parallel_for(context, out.blocks() * out.height * parts, [&](int64_t task) {
    const int64_t first = task % parts * mean_channels;
    const int64_t b = task / parts / out.height, i = task / parts % out.height;
    mean_row(rule, in, x + b * in.cells() * in.block + first, to_int(i), out.width,
             std::min(mean_channels, out.block - first),
             y + (b * out.height + i) * out.width * out.block + first);
  });
}

void block_norms(const Context& context, const CellOp& op, const CellLayout& layout, const float* x,
                 const float* scale, const float* shift, float* y) {
  parallel_for(context, layout.cells(), [&](int64_t p) {
    const NormCell cell{x + p * layout.block, layout.channels, layout.block,
                        layout.cells() * layout.block};
    norm_cell(cell, op.epsilon, scale, shift, y + p * layout.block);
  });
}

std::vector<int64_t> moved_channels(const CellOp& op, int64_t in, int64_t out) {
  std::vector<int64_t> from(out);
  const int64_t in_group = in / op.groups;
  for (int64_t o = 0; o < out; ++o) {
    const int64_t k = o + op.skipped;
    const int64_t shuffled = op.groups == 1 ? k : k % op.groups * in_group + k / op.groups;
    const int64_t c = shuffled + op.first_channel;
    from[o] = c >= 0 && c < in ? c : -1;
  }
  return from;
}

void move_cells(const Context& context, const CellOp& op, const CellLayout& in,
                const CellLayout& out, const float* x, float* y) {
  const std::vector<int64_t> channels = moved_channels(op, in.channels, out.channels);
  const bool together = op.groups == 1 && channels.front() >= 0 && channels.back() >= 0;
  const bool even = op.skipped % 2 == 0 && out.channels % 2 == 0 && in.channels % 2 == 0;
  const bool in_turn = op.groups == 2 && op.first_channel == 0 && even;
  parallel_runs(context, out.height, [&](int64_t i) {
    for (int64_t j = 0; j < out.width; ++j) {
      float* to = y + (i * out.width + j) * out.channels;
      const int64_t row = i - op.y.pad, column = j - op.x.pad;
      const float* from = x + (row * in.width + column) * in.channels;
      if (row < 0 || row >= in.height || column < 0 || column >= in.width) {
        std::fill_n(to, out.channels, 0.0f);
      } else if (together) {
        copy_channels(from + channels.front(), out.channels, to);
      } else if (in_turn) {
        const float* first = from + op.skipped / 2;
        interleave_channels(first, first + in.channels / 2, out.channels / 2, to);
      } else {
        for (int64_t o = 0; o < out.channels; ++o) {
          to[o] = channels[o] < 0 ? 0.0f : from[channels[o]];
        }
      }
    }
  });
}

}  // namespace hdecomp::cpu
