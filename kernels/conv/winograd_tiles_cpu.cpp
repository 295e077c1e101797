/// Winograd's transforms and products in registers of sixteen floats.
#include "kernels/conv/winograd_tiles_cpu.h"

#include <algorithm>
#include <limits>

#include "hdecomp/error.h"
#include "kernels/product/wide_activation_cpu.h"

#ifdef __x86_64__
#include <immintrin.h>

#define HDECOMP_WINOGRAD_TARGET __attribute__((target("avx512f")))
#include "kernels/loops/winograd_points_cpu.h"
#endif

namespace hdecomp::cpu::winograd_tiles {

#ifdef __x86_64__

namespace {

#define HDECOMP_WIDE __attribute__((target("avx512f")))
#define HDECOMP_INLINE inline __attribute__((always_inline, target("avx512f")))

using namespace winograd_points;
using Wide = __m512;

HDECOMP_INLINE Wide all(float value) { return _mm512_set1_ps(value); }
/// A product and a sum are rounded once.
struct FusedSums {
  HDECOMP_INLINE static Wide plus(float factor, Wide value, Wide sum) {
    return _mm512_fmadd_ps(all(factor), value, sum);
  }
  HDECOMP_INLINE static Wide less(float factor, Wide value, Wide sum) {
    return _mm512_fnmadd_ps(all(factor), value, sum);
  }
};

/// `inside`: all of the tile's inputs are in the map, `first` the first of them.
template <bool inside>
HDECOMP_INLINE Wide input(const float* first, const Extent& extent, const Corner& at, int i,
                          int j) {
  const float* cell = first + (i * extent.width + j) * lanes;
  if constexpr (inside) return _mm512_loadu_ps(cell);
  const bool there =
      at.y + i >= 0 && at.y + i < extent.height && at.x + j >= 0 && at.x + j < extent.width;
  return there ? _mm512_loadu_ps(cell) : _mm512_setzero_ps();
}

template <bool inside>
HDECOMP_INLINE void spread_tile(const float* map, const Extent& extent, const Corner& at, float* to,
                                int64_t step) {
  const float* first = map + (at.y * extent.width + at.x) * lanes;
  Wide columns[in_side][in_side], d[in_side], row[in_side];
#pragma GCC unroll 6
  for (int j = 0; j < in_side; ++j) {
#pragma GCC unroll 6
    for (int i = 0; i < in_side; ++i) d[i] = input<inside>(first, extent, at, i, j);
    to_points<FusedSums>(d, columns[j]);
  }
#pragma GCC unroll 6
  for (int i = 0; i < in_side; ++i) {
#pragma GCC unroll 6
    for (int j = 0; j < in_side; ++j) d[j] = columns[j][i];
    to_points<FusedSums>(d, row);
#pragma GCC unroll 6
    for (int j = 0; j < in_side; ++j) _mm512_store_ps(to + (i * in_side + j) * step, row[j]);
  }
}

template <int rows>
HDECOMP_WIDE void multiply_rows(const Product& given) {
  const float* tiles = given.tiles;
  const float* weights = given.weights;
  const char* ahead = reinterpret_cast<const char*>(given.ahead);
  Wide to[rows][2];
#pragma GCC unroll 14
  for (int r = 0; r < rows; ++r) to[r][0] = to[r][1] = _mm512_setzero_ps();
  for (int64_t block = 0; block < given.blocks; ++block, tiles += strip * lanes) {
    for (int64_t line = 0; line < given.ahead_lines; ++line, ahead += 64) {
      _mm_prefetch(ahead, _MM_HINT_T0);
    }
#pragma GCC unroll 4
    for (int c = 0; c < lanes; ++c, weights += pair) {
      const Wide low = _mm512_load_ps(weights), high = _mm512_load_ps(weights + lanes);
#pragma GCC unroll 14
      for (int r = 0; r < rows; ++r) {
        const Wide tile = all(tiles[r * lanes + c]);
        to[r][0] = _mm512_fmadd_ps(tile, low, to[r][0]);
        to[r][1] = _mm512_fmadd_ps(tile, high, to[r][1]);
      }
    }
  }
#pragma GCC unroll 14
  for (int r = 0; r < rows; ++r) {
    _mm512_store_ps(given.to + r * given.step, to[r][0]);
    _mm512_store_ps(given.to + r * given.step + lanes, to[r][1]);
  }
}

/// How each output ends, in registers.
struct Ends {
  Wide bias, most_passed;
  WideActivation activation;
  const float* passed;

  HDECOMP_INLINE explicit Ends(const End& end)
      : bias(end.bias != nullptr ? _mm512_loadu_ps(end.bias) : _mm512_setzero_ps()),
        most_passed(all(end.passed.activation == Activation::relu6 ? 6.0f : infinity)),
        activation(end.activation),
        passed(end.passed.activation == Activation::none ? nullptr : end.passed.feature) {}

  HDECOMP_INLINE Wide of(Wide value, int64_t at) const {
    const Wide result = activation.of(value + bias);
    if (passed == nullptr) return result;
    const Wide feature = _mm512_loadu_ps(passed + at);
    const __mmask16 above = _mm512_cmp_ps_mask(feature, _mm512_setzero_ps(), _CMP_GT_OQ);
    const __mmask16 below = _mm512_cmp_ps_mask(feature, most_passed, _CMP_LT_OQ);
    return _mm512_maskz_mov_ps(above & below, result);
  }

 private:
  static constexpr float infinity = std::numeric_limits<float>::infinity();
};

/// `inside`: all of the tile's outputs are in the map.
template <bool inside>
HDECOMP_INLINE void gather_tile(const float* from, const Ends& ends, float* map,
                                const Extent& extent, const Corner& at) {
  Wide columns[in_side][out_side], m[in_side], y[out_side];
#pragma GCC unroll 6
  for (int j = 0; j < in_side; ++j) {
#pragma GCC unroll 6
    for (int i = 0; i < in_side; ++i) m[i] = _mm512_load_ps(from + (i * in_side + j) * pair);
    from_points<FusedSums>(m, columns[j]);
  }
#pragma GCC unroll 4
  for (int i = 0; i < out_side; ++i) {
    if (!inside && at.y + i >= extent.height) return;
#pragma GCC unroll 6
    for (int j = 0; j < in_side; ++j) m[j] = columns[j][i];
    from_points<FusedSums>(m, y);
    const int64_t row = ((at.y + i) * extent.width + at.x) * lanes;
#pragma GCC unroll 4
    for (int j = 0; j < out_side; ++j) {
      if (!inside && at.x + j >= extent.width) break;
      _mm512_storeu_ps(map + row + j * lanes, ends.of(y[j], row + j * lanes));
    }
  }
}

}  // namespace

HDECOMP_WIDE void spread(const float* map, const Extent& extent, const Corner& at, float* to,
                         int64_t step) {
  const bool inside =
      at.y >= 0 && at.x >= 0 && at.y + in_side <= extent.height && at.x + in_side <= extent.width;
  if (inside) return spread_tile<true>(map, extent, at, to, step);
  spread_tile<false>(map, extent, at, to, step);
}

void multiply(int64_t rows, const Product& product) {
  using Multiply = void (*)(const Product&);
  static constexpr Multiply by_rows[]{
      multiply_rows<1>,  multiply_rows<2>,  multiply_rows<3>,  multiply_rows<4>, multiply_rows<5>,
      multiply_rows<6>,  multiply_rows<7>,  multiply_rows<8>,  multiply_rows<9>, multiply_rows<10>,
      multiply_rows<11>, multiply_rows<12>, multiply_rows<13>, multiply_rows<14>};
  static_assert(std::size(by_rows) == strip);
  by_rows[rows - 1](product);
}

HDECOMP_WIDE void gather(const float* from, const End& end, float* map, const Extent& extent,
                         const Corner& corner) {
  const Ends ends(end);
  const bool inside = corner.y + side <= extent.height && corner.x + side <= extent.width;
  if (inside) return gather_tile<true>(from, ends, map, extent, corner);
  gather_tile<false>(from, ends, map, extent, corner);
}

#undef HDECOMP_WIDE
#undef HDECOMP_INLINE

#else

void spread(const float*, const Extent&, const Corner&, float*, int64_t) {
  throw Error("no AVX-512");
}
void multiply(int64_t, const Product&) { throw Error("no AVX-512"); }
void gather(const float*, const End&, float*, const Extent&, const Corner&) {
  throw Error("no AVX-512");
}

#endif

}  // namespace hdecomp::cpu::winograd_tiles
