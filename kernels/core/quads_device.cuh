/// Reading and writing neighbours at once: two or four floats, four RGB pixels in 12 bytes.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

namespace hdecomp::cuda {

/// Whether accesses of `width` floats, a power of two, may begin here.
inline bool is_aligned(const void* memory, int64_t width = 4) {
  return reinterpret_cast<uintptr_t>(memory) % (sizeof(float) * width) == 0;
}

/// `width` neighbours, a power of two, in one access.
template <int width>
struct alignas(width * sizeof(float)) Pack {
  float values[width];
};

template <int width>
__device__ Pack<width> load_pack(const float* from) {
  return *reinterpret_cast<const Pack<width>*>(from);
}
template <int width>
__device__ void store_pack(float* to, const Pack<width>& pack) {
  *reinterpret_cast<Pack<width>*>(to) = pack;
}

/// Two neighbours; `pairs`: in one access. Stores the first alone unless there are `both`.
template <bool pairs>
__device__ Pack<2> load_two(const float* from) {
  if constexpr (pairs) return load_pack<2>(from);
  return {from[0], from[1]};
}
template <bool pairs>
__device__ void store_two(float* to, const Pack<2>& pack, bool both) {
  if constexpr (pairs) {
    store_pack(to, pack);
  } else {
    to[0] = pack.values[0];
    if (both) to[1] = pack.values[1];
  }
}

/// The bytes of four RGB pixels.
struct PixelQuad {
  uint32_t words[3];

  __device__ uint32_t byte(int i) const { return words[i / 4] >> (i % 4 * 8) & 255; }
};

}  // namespace hdecomp::cuda
