/// A value is not finite where its exponent is all ones.
#include "weights/file/finite.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "hdecomp/cores.h"
#include "kernels/core/waiting.h"

namespace hdecomp {
namespace {

/// Branch-free, so that it runs at memory speed.
uint32_t not_finite(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  return (bits & 0x7f800000u) == 0x7f800000u ? 1u : 0u;
}

int64_t found(std::span<const float> values, uint32_t bad) {
  if (bad == 0) return -1;
  return std::ranges::find_if(values, [](float v) { return !std::isfinite(v); }) - values.begin();
}

}  // namespace

int64_t first_not_finite(std::span<const float> values) {
  uint32_t bad = 0;
  const float* data = values.data();
  const int64_t n = static_cast<int64_t>(values.size());
  if (n <= 1 << 16) return first_not_finite_here(values);  // done before other threads are awake
  const int threads = threads_now();
#pragma omp parallel for simd reduction(| : bad) schedule(static) num_threads(threads)
  for (int64_t i = 0; i < n; ++i) bad |= not_finite(data[i]);
  return found(values, bad);
}

int64_t first_not_finite_here(std::span<const float> values) {
  uint32_t bad = 0;
  const float* data = values.data();
  const int64_t n = static_cast<int64_t>(values.size());
#pragma omp simd reduction(| : bad)
  for (int64_t i = 0; i < n; ++i) bad |= not_finite(data[i]);
  return found(values, bad);
}

}  // namespace hdecomp
