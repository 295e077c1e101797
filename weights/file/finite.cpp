/// A value is not finite where its exponent is all ones.
#include "weights/file/finite.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "kernels/core/waiting.h"

namespace hdecomp {
namespace {

/// Branch-free, so that it runs at memory speed.
bool all_finite(std::span<const float> values) {
  uint32_t bad = 0;
  const float* data = values.data();
  const int64_t n = static_cast<int64_t>(values.size());
  choose_waiting();
  // Fewer are read before the other threads are awake.
#pragma omp parallel for simd reduction(| : bad) schedule(static) if (n > 1 << 16)
  for (int64_t i = 0; i < n; ++i) {
    uint32_t bits;
    std::memcpy(&bits, data + i, sizeof bits);
    bad |= (bits & 0x7f800000u) == 0x7f800000u ? 1u : 0u;
  }
  return bad == 0;
}

}  // namespace

int64_t first_not_finite(std::span<const float> values) {
  if (all_finite(values)) return -1;
  return std::ranges::find_if(values, [](float v) { return !std::isfinite(v); }) - values.begin();
}

}  // namespace hdecomp
