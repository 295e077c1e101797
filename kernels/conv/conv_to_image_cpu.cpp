/// Seven cells of the image at a time, three channels of each: 21 running sums, which are added
/// across their lanes in the end.
#include "kernels/conv/conv_to_image_cpu.h"

#include <algorithm>

#include "hdecomp/error.h"
#include "kernels/core/parallel.h"
#include "kernels/loops/register_tile_cpu.h"

#ifdef __x86_64__
#include <immintrin.h>
#endif

namespace hdecomp::cpu {
namespace {

constexpr int64_t wide = 16;
constexpr int side = 3, colours = 3, cells = 7;
constexpr int row_taps = colours * side;

/// One row of one block of channels of dy that the cells read.
struct Row {
  const float* first;    // of the map's row
  int64_t x, width;      // of the first cell; of the map
  const float* weights;  // (colours, side, wide)
};

#ifdef __x86_64__

#define HDECOMP_WIDE __attribute__((target("avx512f")))
#define HDECOMP_INLINE inline __attribute__((always_inline, target("avx512f")))

using Sums = __m512[colours][cells];

/// `inside`: all that the cells read is in the row.
template <bool inside>
HDECOMP_INLINE void add_row(const Row& row, Sums& sums) {
  __m512 taps[row_taps];
#pragma GCC unroll 9
  for (int t = 0; t < row_taps; ++t) taps[t] = _mm512_loadu_ps(row.weights + t * wide);
#pragma GCC unroll 9
  for (int j = 0; j < cells + side - 1; ++j) {
    const int64_t x = row.x + j - 1;
    if (!inside && (x < 0 || x >= row.width)) continue;
    const __m512 value = _mm512_loadu_ps(row.first + x * wide);
#pragma GCC unroll 3
    for (int s = 0; s < side; ++s) {
      const int cell = j - (side - 1) + s;
      if (cell < 0 || cell >= cells) continue;
#pragma GCC unroll 3
      for (int c = 0; c < colours; ++c) {
        sums[c][cell] = _mm512_fmadd_ps(value, taps[c * side + s], sums[c][cell]);
      }
    }
  }
}

/// Over all lanes, in halves.
HDECOMP_INLINE float over_lanes(__m512 sum) {
  constexpr __mmask16 all = 0xffff;
  sum += _mm512_maskz_shuffle_f32x4(all, sum, sum, _MM_SHUFFLE(1, 0, 3, 2));
  sum += _mm512_maskz_shuffle_f32x4(all, sum, sum, _MM_SHUFFLE(2, 3, 0, 1));
  sum += _mm512_maskz_permute_ps(all, sum, _MM_SHUFFLE(1, 0, 3, 2));
  sum += _mm512_maskz_permute_ps(all, sum, _MM_SHUFFLE(2, 3, 0, 1));
  return _mm512_cvtss_f32(sum);
}

HDECOMP_WIDE void add_rows(const Row* rows, int64_t count, float* to) {
  Sums sums;
#pragma GCC unroll 3
  for (int c = 0; c < colours; ++c) {
#pragma GCC unroll 7
    for (int i = 0; i < cells; ++i) sums[c][i] = _mm512_setzero_ps();
  }
  const bool inside = rows->x > 0 && rows->x + cells < rows->width;
  for (int64_t k = 0; k < count; ++k) {
    inside ? add_row<true>(rows[k], sums) : add_row<false>(rows[k], sums);
  }
#pragma GCC unroll 3
  for (int c = 0; c < colours; ++c) {
#pragma GCC unroll 7
    for (int i = 0; i < cells; ++i) to[c * cells + i] = over_lanes(sums[c][i]);
  }
}

#undef HDECOMP_WIDE
#undef HDECOMP_INLINE

#else

void add_rows(const Row*, int64_t, float*) { throw Error("no AVX-512"); }

#endif

}  // namespace

bool ConvToImage::suits(const ConvSpec& spec) {
  constexpr int64_t most_channels = 64;
  return register_tile::is_wide() && spec.kernel_h == side && spec.kernel_w == side &&
         spec.stride_h == 1 && spec.stride_w == 1 && spec.pad_h == 1 && spec.pad_w == 1 &&
         spec.is_plain() && spec.groups == 1 && spec.in_channels == colours &&
         spec.out_channels % wide == 0 && spec.out_channels <= most_channels;
}

ConvToImage::ConvToImage(const Context& context, const ConvSpec& spec, const Tensor& weight)
    : context_(context),
      spec_(spec),
      weights_({}, {spec.out_channels / wide, side, row_taps, wide}) {
  float* to = weights_.data();
  for (int64_t block = 0; block < spec.out_channels; block += wide) {
    for (int64_t r = 0; r < side; ++r) {
      for (int64_t t = 0; t < row_taps; ++t) {  // colour and column
        for (int64_t o = block; o < block + wide; ++o) {
          const int64_t kernel = o * colours + t / side;
          *to++ = weight.data()[(kernel * side + r) * side + t % side];
        }
      }
    }
  }
}

void ConvToImage::run(const float* dy, float* dx) const {
  parallel_for(context_, spec_.height, [&](int64_t y) { run_row(dy, y, dx); });
}

void ConvToImage::run_row(const float* dy, int64_t y, float* dx) const {
  constexpr int64_t most_rows = side * 4;
  const int64_t area = spec_.height * spec_.width;
  for (int64_t x = 0; x < spec_.width; x += cells) {
    Row rows[most_rows];
    int64_t count = 0;
    for (int64_t block = 0; block < spec_.out_channels / wide; ++block) {
      for (int64_t r = 0; r < side; ++r) {
        const int64_t above = y + 1 - r;
        if (above < 0 || above >= spec_.height) continue;
        rows[count++] = {dy + (block * area + above * spec_.width) * wide, x, spec_.width,
                         weights_.data() + (block * side + r) * row_taps * wide};
      }
    }
    float sums[colours * cells];
    add_rows(rows, count, sums);
    const int64_t there = std::min<int64_t>(cells, spec_.width - x);
    for (int64_t c = 0; c < colours; ++c) {
      std::copy_n(sums + c * cells, there, dx + c * area + y * spec_.width + x);
    }
  }
}

}  // namespace hdecomp::cpu
