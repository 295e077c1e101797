/// What a layer ends with, of sixteen floats at once: for functions that are compiled for AVX-512.
#pragma once

#ifdef __x86_64__
#include <immintrin.h>

#include <limits>

#include "kernels/core/activation.h"

namespace hdecomp::cpu {

/// activated(). Comparisons are such that a NaN stays one.
class WideActivation {
 public:
  __attribute__((always_inline,
                 target("avx512f"))) explicit inline WideActivation(Activation activation)
      : least_(_mm512_set1_ps(activation == Activation::none ? -infinity : 0.0f)),
        most_(_mm512_set1_ps(activation == Activation::relu6 ? 6.0f : infinity)) {}

  __attribute__((always_inline, target("avx512f"))) inline __m512 of(__m512 value) const {
    value = _mm512_mask_mov_ps(value, _mm512_cmp_ps_mask(value, least_, _CMP_LT_OQ), least_);
    return _mm512_mask_mov_ps(value, _mm512_cmp_ps_mask(value, most_, _CMP_GT_OQ), most_);
  }

 private:
  static constexpr float infinity = std::numeric_limits<float>::infinity();
  __m512 least_, most_;
};

}  // namespace hdecomp::cpu

#endif
