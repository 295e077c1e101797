/// Channels side by side to planes in squares of vector lanes.
#include "kernels/plan/channels_last_cpu.h"

#include <algorithm>

#include "kernels/core/parallel.h"
#include "kernels/loops/pieces.h"
#include "kernels/product/turned_square_cpu.h"

namespace hdecomp::cpu {
namespace {

/// Of cells [begin, end).
void turn_cells(int64_t begin, int64_t end, const SideBySide& maps, const float* from, float* to) {
  const int64_t channels = maps.channels, cells = maps.cells, step = maps.block;
  const int64_t whole = channels / lanes * lanes;
  const int64_t square_end = begin + (end - begin) / lanes * lanes;
  const auto copy = [&](int64_t cell, int64_t channel) {
    to[channel * cells + cell] = from[maps.place(channel) + cell * step];
  };
  for (int64_t c = 0; c < whole; c += lanes) {
    const float* first = from + maps.place(c);
    for (int64_t p = begin; p < square_end; p += lanes) {
      turn_square(first + p * step, step, to + c * cells + p, cells);
    }
  }
  for (int64_t c = whole; c < channels; ++c) {
    for (int64_t p = begin; p < square_end; ++p) copy(p, c);
  }
  for (int64_t p = square_end; p < end; ++p) {
    for (int64_t c = 0; c < channels; ++c) copy(p, c);
  }
}

}  // namespace

void channels_to_planes(const Context& context, const SideBySide& maps, const float* from,
                        float* to) {
  constexpr int64_t task_cells = 2 * turned_cells;
  parallel_runs(context, pieces(maps.cells, task_cells), [&](int64_t task) {
    const int64_t begin = task * task_cells;
    turn_cells(begin, std::min(begin + task_cells, maps.cells), maps, from, to);
  });
}

void channels_to_planes(const Context& context, const SideBySide& maps, const float* from,
                        float* to, std::span<const int64_t> pieces) {
  parallel_runs(context, std::ssize(pieces), [&](int64_t i) {
    const int64_t begin = pieces[i] * turned_cells;
    turn_cells(begin, std::min(begin + turned_cells, maps.cells), maps, from, to);
  });
}

}  // namespace hdecomp::cpu
