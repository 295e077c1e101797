/// largest_magnitudes on the CPU: at memory speed, in pieces that the threads share.
#include <algorithm>
#include <bit>
#include <cstring>
#include <vector>

#include "kernels/core/parallel.h"
#include "kernels/map/largest_magnitudes.h"

namespace hdecomp::cpu {
namespace {

/// Floats without their sign are in order as integers: finite ones, infinity, NaN.
int32_t largest_bits(const float* data, int64_t n) {
  int32_t largest = 0;
#pragma omp simd reduction(max : largest)
  for (int64_t i = 0; i < n; ++i) {
    int32_t bits;
    std::memcpy(&bits, data + i, sizeof bits);
    largest = std::max(largest, bits & 0x7fffffff);
  }
  return largest;
}

struct Piece {
  int64_t source, begin, end;
};

}  // namespace

void largest_magnitudes(const Context& context, const TensorOf<FloatArray>& sources,
                        Tensor& magnitudes) {
  constexpr int64_t piece = int64_t{1} << 15;  // floats: 128 KiB, some 10 us
  std::vector<Piece> pieces;
  for (int64_t i = 0; i < sources.elements(); ++i) {
    const int64_t n = sources.data()[i].elements;
    for (int64_t at = 0; at < n; at += piece) pieces.push_back({i, at, std::min(at + piece, n)});
  }
  std::vector<int32_t> found(pieces.size());
  const auto work = [&](int64_t k) {
    const Piece& one = pieces[k];
    found[k] = largest_bits(sources.data()[one.source].data + one.begin, one.end - one.begin);
  };
  parallel_tasks(context, std::ssize(pieces), 2, work);
  std::vector<int32_t> largest(sources.elements(), 0);
  for (size_t k = 0; k < pieces.size(); ++k) {
    int32_t& all = largest[pieces[k].source];
    all = std::max(all, found[k]);
  }
  for (size_t i = 0; i < largest.size(); ++i)
    magnitudes.data()[i] = std::bit_cast<float>(largest[i]);
}

}  // namespace hdecomp::cpu
