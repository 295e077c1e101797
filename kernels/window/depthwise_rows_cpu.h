/// A few rows of a plane through a small square kernel of stride 1 or 2, back: each vector of the
/// plane above is loaded once for all rows that it reaches.
#pragma once

#include <algorithm>
#include <utility>

#include "kernels/window/plane_rows_cpu.h"

namespace hdecomp::cpu {

#ifdef __SANITIZE_ADDRESS__

// In loops: the sanitizers' checks of every number would make functions of an unrolled block that
// g++ compiles for minutes.
#define HDECOMP_INLINE
struct LoopIndex {
  int value;
  constexpr int operator()() const { return value; }
};
template <int count, class Body>
void unrolled(Body&& body) {
  for (int i = 0; i < count; ++i) body(LoopIndex{i});
}

#else

#define HDECOMP_INLINE __attribute__((always_inline))
/// body(0), body(1), ... of constants: where a loop is unrolled only later, g++ leaves what it sums
/// in memory.
template <int count, class Body>
HDECOMP_INLINE inline void unrolled(Body&& body) {
  [&]<int... i>(std::integer_sequence<int, i...>) HDECOMP_INLINE {
    (body(std::integral_constant<int, i>{}), ...);
  }
  (std::make_integer_sequence<int, count>{});
}

#endif

constexpr int block_rows = 4;

/// What a block of rows and columns is made of, and which of them there are.
struct DepthwiseBlock {
  const float* even;  // the cells that tap 0 carries to its first columns, in the first row above
  const float* odd;   // those of tap 1, of a kernel of stride 2
  int64_t width;      // of a row above
  Span above;         // its rows above that there are
  Span rows;          // its rows
  int64_t columns;    // from its first one to the window's last
  int64_t gap;        // from the first vector's first column to the second's
  int64_t again;      // so many columns of the last vector were put before
  bool odd_first;     // its first column takes the odd taps
};

/// The planes above that a plane below is the sum of, and their kernels: how many there are, and
/// how far apart.
struct PlanesAbove {
  int64_t count = 1, floats = 0, weights = 0;
};

/// A block's sums over the planes above and over the taps in the kernel's order: of each row those
/// of each phase below.
template <int stride, int vectors>
using BlockSums = Lanes[block_rows][stride][vectors];

/// Four rows, of each so many vectors above. A function of its own, which no activation is part of.
template <int taps, int stride, int vectors>
[[gnu::noinline]] void sum_block(const float* weights, const DepthwiseBlock& from,
                                 const PlanesAbove& planes, BlockSums<stride, vectors>& block) {
  static_assert(stride == 1 || vectors == 1);
  BlockSums<stride, vectors> sums = {};                        // in registers
  constexpr int reach = (block_rows + taps - 2) / stride + 1;  // rows above
  const float *even = from.even, *odd = from.odd;
  for (int64_t plane = 0;;) {
    unrolled<reach>([&](auto up) HDECOMP_INLINE {
      const int j = reach - 1 - up();
      if (j < from.above.begin || j >= from.above.end) return;
      unrolled<taps>([&](auto t) HDECOMP_INLINE {
        const float* at = (t() % stride == 0 ? even : odd) + j * from.width - t() / stride;
        unrolled<vectors>([&](auto v) HDECOMP_INLINE {
          const Lanes value = load_lanes(at + v() * from.gap);
          unrolled<block_rows>([&](auto row) HDECOMP_INLINE {
            const int tap = row() + taps - 1 - stride * j;
            if (tap >= 0 && tap < taps) {
              sums[row()][t() % stride][v()] += weights[tap * taps + t()] * value;
            }
          });
        });
      });
    });
    if (++plane == planes.count) break;
    even += planes.floats, odd += planes.floats, weights += planes.weights;
  }
  unrolled<block_rows>([&](auto row) HDECOMP_INLINE {
    unrolled<stride>([&](auto phase) HDECOMP_INLINE {
      unrolled<vectors>(
          [&](auto v) HDECOMP_INLINE { block[row()][phase()][v()] = sums[row()][phase()][v()]; });
    });
  });
}

/// A block's rows, through an activation.
template <int taps, int stride, int vectors, class Kind>
void put_block(Kind kind, const float* weights, const DepthwiseBlock& from,
               const PlanesAbove& planes, const PlaneTarget& to) {
  BlockSums<stride, vectors> sums;
  sum_block<taps, stride, vectors>(weights, from, planes, sums);
  const auto last = static_cast<int>(std::min<int64_t>(from.rows.end, block_rows));
  for (int row = static_cast<int>(std::max<int64_t>(from.rows.begin, 0)); row < last; ++row) {
    if constexpr (stride == 1) {
      for (int v = 0; v < vectors; ++v) {
        const int64_t x = v * from.gap;
        to.put(kind, sums[row][0][v], row, x, from.columns - x, v + 1 == vectors ? from.again : 0);
      }
    } else {
      Lanes low, high;  // by selects of values: those of references would keep the sums in memory
      const Lanes &a = sums[row][0][0], &b = sums[row][1][0];
      if (from.odd_first) {
        low = __builtin_shufflevector(b, a, 0, 8, 1, 9, 2, 10, 3, 11);
        high = __builtin_shufflevector(b, a, 4, 12, 5, 13, 6, 14, 7, 15);
      } else {
        low = __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
        high = __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
      }
      to.put(kind, low, row, 0, from.columns, from.again);
      if (from.columns > lanes) {
        to.put(kind, high, row, lanes, from.columns - lanes, from.again - lanes);
      }
    }
  }
}

}  // namespace hdecomp::cpu
