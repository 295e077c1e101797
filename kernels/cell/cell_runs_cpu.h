/// How the CPU goes over maps in any layout: runs of neighbouring floats, whose channels repeat
/// with the block, or cell by cell where channels are last.
#pragma once

#include <algorithm>
#include <array>

#include "kernels/cell/cell_layout_cpu.h"
#include "kernels/core/parallel.h"
#include "kernels/loops/lanes_cpu.h"
#include "kernels/loops/pieces.h"

namespace hdecomp::cpu {

/// Floats that are computed together: every block divides them, so that a channel's numbers lie in
/// the same lanes all along a run.
constexpr int64_t group_floats = 16;
constexpr int64_t group_parts = group_floats / lanes;
/// Floats of a task; fewer than two tasks' take no longer than waking the threads.
constexpr int64_t task_floats = 512 * group_floats;

using Group = std::array<Lanes, group_parts>;

inline Group load(const float* from) {
  Group values;
  for (int64_t k = 0; k < group_parts; ++k) values[k] = load_lanes(from + k * lanes);
  return values;
}

inline Group load_part(const float* from, int64_t count) {
  float padded[group_floats] = {};
  std::copy_n(from, count, padded);
  return load(padded);
}

/// Each lane's own of a number per channel, for a run of block `b`; zero where none is given.
inline Group of_channels(const float* numbers, const CellLayout& layout, int64_t b) {
  float values[group_floats] = {};
  if (numbers == nullptr) return load(values);
  for (int64_t i = 0; i < group_floats; ++i) {
    const int64_t c = b * layout.block + i % layout.block;
    if (c < layout.channels) values[i] = numbers[c];
  }
  return load(values);
}

/// The maps that vary with the cell, and the numbers that each channel has for all of its cells;
/// null where a formula has none.
struct Sources {
  const float* first = nullptr;
  const float* second = nullptr;
  const float* scale = nullptr;
  const float* shift = nullptr;
};

/// y = f(first, second, scale, shift) in floats [begin, end) of block b's run.
template <bool has_second, class F>
void fill_run(const CellLayout& layout, const Sources& from, int64_t b, int64_t begin, int64_t end,
              float* y, const F& f) {
  const int64_t run = b * layout.cells() * layout.block;
  const Group scale = of_channels(from.scale, layout, b);
  const Group shift = of_channels(from.shift, layout, b);
  const auto computed = [&](const Group& a, const Group& c) {
    Group values;
    for (int64_t k = 0; k < group_parts; ++k) values[k] = f(a[k], c[k], scale[k], shift[k]);
    return values;
  };
  int64_t i = run + begin;
  for (; i + group_floats <= run + end; i += group_floats) {
    const Group values =
        computed(load(from.first + i), has_second ? load(from.second + i) : Group{});
    for (int64_t k = 0; k < group_parts; ++k) store_lanes(values[k], y + i + k * lanes);
  }
  if (const int64_t left = run + end - i; left > 0) {
    const Group values = computed(load_part(from.first + i, left),
                                  has_second ? load_part(from.second + i, left) : Group{});
    std::copy_n(reinterpret_cast<const float*>(&values), left, y + i);
  }
}

/// What fills up the last block is zero again: a function need not keep it.
inline void clear_filling(const CellLayout& layout, float* y) {
  const int64_t used = layout.channels % layout.block;
  if (used == 0) return;
  float* last = y + (layout.blocks() - 1) * layout.cells() * layout.block;
  for (int64_t p = 0; p < layout.cells(); ++p) {
    std::fill(last + p * layout.block + used, last + (p + 1) * layout.block, 0.0f);
  }
}

/// Calls task(number) for all of them, together where they have more than a few floats.
template <class Task>
void run_tasks(const Context& context, int64_t tasks, int64_t floats, const Task& task) {
  if (floats >= 2 * task_floats) return parallel_runs(context, tasks, task);
  for (int64_t number = 0; number < tasks; ++number) task(number);
}

/// Runs of neighbouring channels' blocks.
template <bool has_second, class F>
void fill_blocks(const Context& context, const CellLayout& layout, const Sources& from, float* y,
                 const F& f) {
  const int64_t run = layout.cells() * layout.block, in_run = pieces(run, task_floats);
  run_tasks(context, layout.blocks() * in_run, layout.floats(), [&](int64_t number) {
    const int64_t begin = number % in_run * task_floats, b = number / in_run;
    fill_run<has_second>(layout, from, b, begin, std::min(begin + task_floats, run), y, f);
  });
}

/// Channels last: of each cell `f` goes over the channels beside their numbers.
template <bool has_second, class F>
void fill_cells(const Context& context, const CellLayout& layout, const Sources& from, float* y,
                const F& f) {
  const int64_t channels = layout.channels, cells = layout.cells();
  const int64_t in_task = std::max<int64_t>(1, task_floats / channels);
  const int64_t whole = channels / lanes * lanes, left = channels - whole;
  const auto some = [](const float* data, int64_t at, int64_t count) {
    return data == nullptr ? Lanes{} : load_some(data + at, count);
  };
  run_tasks(context, pieces(cells, in_task), layout.floats(), [&](int64_t number) {
    const int64_t end = std::min((number + 1) * in_task, cells);
    for (int64_t p = number * in_task; p < end; ++p) {
      const int64_t at = p * channels;
      const auto compute = [&](int64_t c, int64_t count) {
        return f(load_some(from.first + at + c, count),
                 has_second ? load_some(from.second + at + c, count) : Lanes{},
                 some(from.scale, c, count), some(from.shift, c, count));
      };
      for (int64_t c = 0; c < whole; c += lanes) store_lanes(compute(c, lanes), y + at + c);
      if (left > 0) store_some(compute(whole, left), y + at + whole, left);
    }
  });
}

template <bool has_second, class F>
void fill(const Context& context, const CellLayout& layout, const Sources& from, float* y,
          const F& f) {
  if (from.scale == nullptr && from.shift == nullptr) {
    fill_blocks<has_second>(context, {1, 1, layout.floats(), 1}, from, y, f);  // one run
  } else if (group_floats % layout.block == 0) {
    fill_blocks<has_second>(context, layout, from, y, f);
  } else {
    return fill_cells<has_second>(context, layout, from, y, f);
  }
  clear_filling(layout, y);
}

}  // namespace hdecomp::cpu
