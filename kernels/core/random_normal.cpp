/// SplitMix64's output function as a stream without state, and Box and Muller's normal numbers.
#include "kernels/core/random_normal.h"

#include <cmath>
#include <numbers>

#include "hdecomp/cores.h"
#include "kernels/core/waiting.h"

namespace hdecomp {
namespace {

/// The n-th number of a stream, without state: any thread can compute any part (Steele et al. 2014,
/// SplitMix64's output function).
uint64_t mix(uint64_t n) {
  uint64_t z = n * 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

double uniform(uint64_t n) { return (static_cast<double>(mix(n) >> 11) + 0.5) * 0x1p-53; }

}  // namespace

uint64_t stream_of(uint64_t seed, uint64_t number) { return mix(mix(seed) + number); }

double uniform_at(uint64_t stream, uint64_t place) { return uniform(stream + place + 1); }

/// Two values per pair of uniform numbers.
void fill_normal(std::span<float> numbers, uint64_t stream, double deviation) {
  float* to = numbers.data();
  const auto n = static_cast<int64_t>(numbers.size());
  const int threads = threads_now();
#pragma omp parallel for schedule(static) num_threads(threads)
  for (int64_t i = 0; i < n; i += 2) {
    const uint64_t at = stream + static_cast<uint64_t>(i) + 1;
    const double radius = deviation * std::sqrt(-2 * std::log(uniform(at)));
    const double angle = 2 * std::numbers::pi * uniform(at + 1);
    to[i] = static_cast<float>(radius * std::cos(angle));
    if (i + 1 < n) to[i + 1] = static_cast<float>(radius * std::sin(angle));
  }
}

}  // namespace hdecomp
