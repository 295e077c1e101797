/// SiLU and GELU by AVX-512: the formulas of lane_functions_cpu.h, whose division is a reciprocal
/// made exact to a rounding here.
#include "kernels/cell/wide_functions_cpu.h"

#include <initializer_list>

#ifdef __x86_64__
#include <immintrin.h>
#endif

namespace hdecomp::cpu {

#ifdef __x86_64__

namespace {

#define HDECOMP_WIDE_LANES __attribute__((target("avx512f,avx512dq")))

using Sixteen = __m512;
constexpr __mmask16 all = 0xffff;  // g++ warns of the forms without a mask

HDECOMP_WIDE_LANES inline Sixteen in_all(float value) { return _mm512_set1_ps(value); }
HDECOMP_WIDE_LANES inline Sixteen plus(Sixteen a, Sixteen b, float c) {
  return _mm512_fmadd_ps(a, b, in_all(c));
}

/// e^-x for x in [-87, 87], beyond it that of the nearer bound, of a NaN that of one of them.
/// -x = n log 2 - r and e^-r = 1 - r + r^2 q(r), as in lane_functions_cpu.h.
HDECOMP_WIDE_LANES inline Sixteen exponential_of_minus(Sixteen given) {
  constexpr float rounder = 0x1.8p23f;
  constexpr int smaller_with_its_sign = 2;
  const Sixteen x = _mm512_range_ps(given, in_all(87), smaller_with_its_sign);
  const Sixteen n =
      _mm512_sub_ps(_mm512_fnmadd_ps(x, in_all(1.44269504f), in_all(rounder)), in_all(rounder));
  const Sixteen near = _mm512_fmadd_ps(n, in_all(0.693359375f), x);
  const Sixteen r = _mm512_fmadd_ps(n, in_all(-2.12194440e-4f), near);
  Sixteen q = plus(in_all(0.0013950486f), r, -0.008368888f);
  for (const float c : {0.041666206f, -0.16666518f, 0.5f}) q = plus(q, r, c);
  const Sixteen power = _mm512_add_ps(_mm512_fmsub_ps(_mm512_mul_ps(r, r), q, r), in_all(1));
  return _mm512_maskz_scalef_ps(all, power, n);
}

/// x / d for d in [1, 2^126].
HDECOMP_WIDE_LANES inline Sixteen divided(Sixteen x, Sixteen d) {
  const Sixteen near = _mm512_maskz_rcp14_ps(all, d);
  return _mm512_mul_ps(x, _mm512_mul_ps(near, _mm512_fnmadd_ps(d, near, in_all(2))));
}

HDECOMP_WIDE_LANES inline Sixteen wide_silu(Sixteen x) {
  return divided(x, _mm512_add_ps(in_all(1), exponential_of_minus(x)));
}

HDECOMP_WIDE_LANES inline Sixteen wide_gelu(Sixteen x) {
  const Sixteen t = _mm512_mul_ps(_mm512_abs_ps(x), in_all(0.7071067812f));
  Sixteen p = in_all(1.1992959e-6f);
  for (const float c :
       {-2.13392796e-5f, 1.66991624e-4f, -7.38311152e-4f, 1.79399247e-3f, -2.46491923e-4f,
        -1.91221759e-2f, 1.02772906e-1f, 6.36619568e-1f, 1.12837923f}) {
    p = plus(p, t, c);
  }
  const __mmask16 near = _mm512_cmp_ps_mask(t, in_all(4.2f), _CMP_NGT_UQ);
  const Sixteen exponential = exponential_of_minus(_mm512_mul_ps(t, p));
  const Sixteen tail = _mm512_maskz_mul_ps(near, in_all(0.5f), exponential);
  const __mmask16 negative = _mm512_cmp_ps_mask(x, _mm512_setzero_ps(), _CMP_LT_OQ);
  const Sixteen below = _mm512_mask_mov_ps(_mm512_sub_ps(in_all(1), tail), negative, tail);
  return _mm512_mul_ps(x, below);
}

using OfSixteen = Sixteen (*)(Sixteen);

template <OfSixteen f>
HDECOMP_WIDE_LANES void fill_wide(const float* x, int64_t count, float* y) {
  constexpr int64_t wide = 16;
  int64_t i = 0;
  for (; i + wide <= count; i += wide) _mm512_storeu_ps(y + i, f(_mm512_loadu_ps(x + i)));
  if (i == count) return;
  const auto left = static_cast<__mmask16>((1u << (count - i)) - 1);
  _mm512_mask_storeu_ps(y + i, left, f(_mm512_maskz_loadu_ps(left, x + i)));
}

}  // namespace

WideFunction wide_function(Function function) {
  static const bool wide = __builtin_cpu_supports("avx512dq") != 0;
  if (!wide) return nullptr;
  if (function == Function::silu) return fill_wide<wide_silu>;
  return function == Function::gelu ? fill_wide<wide_gelu> : nullptr;
}

#else

WideFunction wide_function(Function) { return nullptr; }

#endif

}  // namespace hdecomp::cpu
