/// Max-pooling row by row: the maxima of a row of windows down each column, then along the row, so
/// that windows that overlap share them.
#include <algorithm>
#include <limits>

#include "kernels/core/parallel.h"
#include "kernels/loops/lanes_cpu.h"
#include "kernels/pool/pool_blocks_cpu.h"
#include "kernels/pool/tap_range_cpu.h"

namespace hdecomp::cpu {
namespace {

/// Columns whose maxima are held at once.
constexpr int64_t held_columns = 64;

/// `line` channels of one row of windows. `x` and `y` begin at those channels of the map's first
/// cell and of the row's.
template <int64_t line>
class PoolRow {
 public:
  PoolRow(const KernelAxis& axis, int64_t width, int64_t block)
      : axis_(axis), width_(width), block_(block) {}

  void run(const float* x, const TapRange& rows, int64_t windows, float* y) {
    const int64_t at_once = (held_columns - axis_.size) / axis_.stride + 1;
    for (int64_t first = 0; first < windows; first += at_once) {
      const int64_t last = std::min(first + at_once, windows);
      const int64_t begin = taps_inside(first, axis_, width_).begin;
      hold(x, rows, begin, taps_inside(last - 1, axis_, width_).end);
      for (int64_t j = first; j < last; ++j) {
        const TapRange taps = taps_inside(j, axis_, width_);
        const float* held = held_ + (taps.begin - begin) * line;
        put_largest(held, line, taps.end - taps.begin, y + j * block_);
      }
    }
  }

 private:
  void hold(const float* x, const TapRange& rows, int64_t begin, int64_t end) {
    for (int64_t c = begin; c < end; ++c) {
      put_largest(x + (rows.begin * width_ + c) * block_, width_ * block_, rows.end - rows.begin,
                  held_ + (c - begin) * line);
    }
  }
  /// Of `count` cells that are `step` floats apart.
  static void put_largest(const float* from, int64_t step, int64_t count, float* to) {
    for (int64_t k = 0; k < line; k += lanes) {
      Lanes most = Lanes{} + std::numeric_limits<float>::lowest();
      for (int64_t i = 0; i < count; ++i) most = larger(load_lanes(from + i * step + k), most);
      store_lanes(most, to + k);
    }
  }

  KernelAxis axis_;
  int64_t width_, block_;
  alignas(64) float held_[held_columns * line];
};

template <int64_t line>
void pool_rows(const Context& context, const PoolSpec& spec, int64_t block, const Tensor& x,
               Tensor& y) {
  const int64_t height = x.shape()[2], width = x.shape()[3];
  const int64_t out_h = y.shape()[2], out_w = y.shape()[3], parts = block / line;
  parallel_runs(context, x.shape()[1] / line * out_h, [&](int64_t task) {
    const int64_t first = task % parts * line, i = task / parts % out_h;
    const int64_t plane = task / parts / out_h;
    PoolRow<line>(spec.x(), width, block)
        .run(x.data() + plane * height * width * block + first, taps_inside(i, spec.y(), height),
             out_w, y.data() + (plane * out_h + i) * out_w * block + first);
  });
}

}  // namespace

bool pools_blocks(const PoolSpec& spec, int64_t block) {
  return block % lanes == 0 && spec.kernel_w <= held_columns && spec.dilation_h == 1 &&
         spec.dilation_w == 1;
}

void max_pool_blocks(const Context& context, const PoolSpec& spec, int64_t block, const Tensor& x,
                     Tensor& y) {
  constexpr int64_t line = 16;  // of a cache
  block % line == 0 ? pool_rows<line>(context, spec, block, x, y)
                    : pool_rows<lanes>(context, spec, block, x, y);
}

}  // namespace hdecomp::cpu
