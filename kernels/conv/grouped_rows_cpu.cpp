/// Grouped convolution in registers of sixteen floats. Where groups are narrower than a register,
/// a vector of neighbouring input channels is spread so that each lane has its own group's.
#include "kernels/conv/grouped_rows_cpu.h"

#include <cstring>
#include <iterator>

#include "hdecomp/error.h"
#include "kernels/product/wide_activation_cpu.h"

#ifdef __x86_64__
#include <immintrin.h>
#endif

namespace hdecomp::cpu::grouped_rows {

#ifdef __x86_64__

namespace {

#define HDECOMP_WIDE __attribute__((target("avx512f")))
#define HDECOMP_INLINE inline __attribute__((always_inline, target("avx512f")))

using Wide = __m512;

alignas(64) constexpr float outside[most_group] = {};  // a cell beyond the map's sides

/// Of the forms without a mask g++ 12 says that they read what is not set.
constexpr __mmask16 all_lanes = 0xffff;

/// The first lane of each four, or the second and so on, four times.
template <int which>
HDECOMP_INLINE Wide in_fours(Wide value) {
  return _mm512_maskz_permute_ps(all_lanes, value, which * 0b01010101);
}

/// sums[c] += weights[i] * each lane's own channel `i`, for four channels i.
template <int count>
HDECOMP_INLINE void add_fours(const Wide (&own)[count], const float* weights, Wide (&sums)[count]) {
  const Wide w[4] = {_mm512_load_ps(weights), _mm512_load_ps(weights + lanes),
                     _mm512_load_ps(weights + 2 * lanes), _mm512_load_ps(weights + 3 * lanes)};
#pragma GCC unroll 8
  for (int c = 0; c < count; ++c) sums[c] = _mm512_fmadd_ps(in_fours<0>(own[c]), w[0], sums[c]);
#pragma GCC unroll 8
  for (int c = 0; c < count; ++c) sums[c] = _mm512_fmadd_ps(in_fours<1>(own[c]), w[1], sums[c]);
#pragma GCC unroll 8
  for (int c = 0; c < count; ++c) sums[c] = _mm512_fmadd_ps(in_fours<2>(own[c]), w[2], sums[c]);
#pragma GCC unroll 8
  for (int c = 0; c < count; ++c) sums[c] = _mm512_fmadd_ps(in_fours<3>(own[c]), w[3], sums[c]);
}

/// One tap: cells' channels times their weights. `group` 4 or 8, or 0 for whole vectors.
template <int group, int count>
HDECOMP_INLINE void add_tap(const float* const (&from)[count], const float* weights, int64_t wide,
                            Wide (&sums)[count]) {
  if constexpr (group == 0) {
    for (int64_t i = 0; i < wide; ++i, weights += lanes) {
      const Wide w = _mm512_load_ps(weights);
#pragma GCC unroll 8
      for (int c = 0; c < count; ++c) {
        sums[c] = _mm512_fmadd_ps(_mm512_set1_ps(from[c][i]), w, sums[c]);
      }
    }
  } else {
    Wide own[count], half[count];
#pragma GCC unroll 8
    for (int c = 0; c < count; ++c) own[c] = _mm512_loadu_ps(from[c]);
    if constexpr (group == 4) return add_fours(own, weights, sums);
#pragma GCC unroll 8
    for (int c = 0; c < count; ++c)
      half[c] = _mm512_maskz_shuffle_f32x4(all_lanes, own[c], own[c], 0b10100000);
    add_fours(half, weights, sums);
#pragma GCC unroll 8
    for (int c = 0; c < count; ++c)
      half[c] = _mm512_maskz_shuffle_f32x4(all_lanes, own[c], own[c], 0b11110101);
    add_fours(half, weights + 4 * lanes, sums);
  }
}

/// All lanes but the first `skipped`. A masked store takes AMD's Zen 4 as long as dozens of plain
/// ones.
HDECOMP_INLINE void store(Wide value, int64_t skipped, float* to) {
  if (skipped == 0) return _mm512_storeu_ps(to, value);
  alignas(64) float all[lanes];
  _mm512_store_ps(all, value);
  for (int64_t i = skipped; i < lanes; i += 4) std::memcpy(to + i, all + i, 4 * sizeof(float));
}

template <int group, int count>
HDECOMP_WIDE void run_cells(const Channels& in, const Row& row) {
  Wide sums[count];
#pragma GCC unroll 8
  for (int c = 0; c < count; ++c) sums[c] = _mm512_loadu_ps(in.bias);
  const int64_t last = row.x + (count - 1) * in.stride + in.kernel_w - 1;
  const bool inside = row.x >= 0 && last < in.width;
  const int64_t tap_floats = in.group * lanes;
  for (int64_t r = 0; r < row.taps; ++r) {
    const float* line = in.map + (row.y + r) * in.width * in.channels;
    const float* weights = in.weights + (row.first_tap + r) * in.kernel_w * tap_floats;
    for (int64_t k = 0; k < in.kernel_w; ++k, weights += tap_floats) {
      const float* from[count];
#pragma GCC unroll 8
      for (int c = 0; c < count; ++c) {
        const int64_t x = row.x + c * in.stride + k;
        from[c] = inside || (x >= 0 && x < in.width) ? line + x * in.channels : outside;
      }
      add_tap<group>(from, weights, in.group, sums);
    }
  }
  const WideActivation end(in.activation);
#pragma GCC unroll 8
  for (int c = 0; c < count; ++c) store(end.of(sums[c]), row.skipped, row.to + c * row.step);
}

template <int group>
void run_of(const Channels& channels, const Row& row) {
  using Run = void (*)(const Channels&, const Row&);
  static constexpr Run by_count[]{run_cells<group, 1>, run_cells<group, 2>, run_cells<group, 3>,
                                  run_cells<group, 4>, run_cells<group, 5>, run_cells<group, 6>,
                                  run_cells<group, 7>, run_cells<group, 8>};
  static_assert(std::size(by_count) == cells);
  by_count[row.count - 1](channels, row);
}

#undef HDECOMP_WIDE
#undef HDECOMP_INLINE

}  // namespace

void run(const Channels& channels, const Row& row) {
  if (channels.group == 4) return run_of<4>(channels, row);
  if (channels.group == 8) return run_of<8>(channels, row);
  run_of<0>(channels, row);
}

#else

void run(const Channels&, const Row&) { throw Error("no AVX-512"); }

#endif

}  // namespace hdecomp::cpu::grouped_rows
