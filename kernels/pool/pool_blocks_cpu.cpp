/// Some neighbouring channels per task, so that no two threads write the same memory.
#include "kernels/pool/pool_blocks_cpu.h"

#include <algorithm>

#include "kernels/core/parallel.h"
#include "kernels/loops/lanes_cpu.h"
#include "kernels/pool/tap_range_cpu.h"

namespace hdecomp::cpu {
namespace {

/// dy where the activation lets it pass, else 0.
template <Activation kind>
Lanes passed(const Lanes& feature, const Lanes& dy) {
  if constexpr (kind == Activation::none) return dy;
  const Lanes above = feature > 0.0f ? dy : Lanes{};
  if constexpr (kind == Activation::relu) return above;
  return feature < 6.0f ? above : Lanes{};
}

/// Some channels of a cell's window: dy to the first maximum. `x` and `dx` begin at those channels
/// of the map's first cell.
template <Activation kind>
void route(const float* x, const Lanes& dy, float* dx, TapRange rows, TapRange columns,
           int64_t width, int64_t block) {
  const auto each_tap = [&](auto body) {
    int32_t tap = 0;
    for (int64_t r = rows.begin; r < rows.end; ++r) {
      for (int64_t c = columns.begin; c < columns.end; ++c) body((r * width + c) * block, tap++);
    }
  };
  Lanes best = load_lanes(x + (rows.begin * width + columns.begin) * block);
  LaneInts at{};
  each_tap([&](int64_t place, int32_t tap) {
    const Lanes here = load_lanes(x + place);
    const LaneInts greater = here > best;
    best = greater ? here : best;
    at = greater ? LaneInts{} + tap : at;
  });
  const Lanes going = passed<kind>(best, dy);
  each_tap([&](int64_t place, int32_t tap) {
    const Lanes part = at == tap ? going : Lanes{};
    store_lanes(load_lanes(dx + place) + part, dx + place);
  });
}

template <Activation kind>
void go_back(const Context& context, const PoolSpec& spec, int64_t block, const Tensor& x,
             const Tensor& dy, Tensor& dx) {
  const int64_t height = x.shape()[2], width = x.shape()[3];
  const int64_t out_h = dy.shape()[2], out_w = dy.shape()[3];
  const int64_t line = block % 16 == 0 ? 16 : lanes;  // of a cache
  parallel_for(context, x.shape()[1] / line, [&](int64_t task) {
    const int64_t plane = task * line / block, first = task * line % block;
    const float* in = x.data() + plane * height * width * block + first;
    const float* gradient = dy.data() + plane * out_h * out_w * block + first;
    float* out = dx.data() + plane * height * width * block + first;
    int64_t cleared = 0;  // rows, no further than the windows have come
    const auto clear_to = [&](int64_t row) {
      for (; cleared < row; ++cleared) {
        float* cell = out + cleared * width * block;
        for (int64_t c = 0; c < width; ++c, cell += block) std::fill_n(cell, line, 0.0f);
      }
    };
    for (int64_t i = 0; i < out_h; ++i) {
      const TapRange rows = taps_inside(i, spec.y(), height);
      clear_to(rows.end);
      for (int64_t j = 0; j < out_w; ++j, gradient += block) {
        const TapRange columns = taps_inside(j, spec.x(), width);
        for (int64_t k = 0; k < line; k += lanes) {
          route<kind>(in + k, load_lanes(gradient + k), out + k, rows, columns, width, block);
        }
      }
    }
    clear_to(height);
  });
}

}  // namespace

void max_pool_blocks_backward(const Context& context, const PoolSpec& spec, int64_t block,
                              Activation passes, const Tensor& x, const Tensor& dy, Tensor dx) {
  with_constant(passes, [&](auto kind) { go_back<kind()>(context, spec, block, x, dy, dx); });
}

}  // namespace hdecomp::cpu
