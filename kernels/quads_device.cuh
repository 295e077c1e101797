/// Reading and writing four neighbours at once: 16 bytes of floats, 12 bytes of RGB pixels.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

namespace hdecomp::cuda {

/// Whether 16-byte accesses may begin here.
inline bool is_aligned(const void* memory) { return reinterpret_cast<uintptr_t>(memory) % 16 == 0; }

/// The bytes of four RGB pixels.
struct PixelQuad {
  uint32_t words[3];

  __device__ uint32_t byte(int i) const { return words[i / 4] >> (i % 4 * 8) & 255; }
  __device__ void add_byte(int i, uint32_t value) { words[i / 4] |= value << (i % 4 * 8); }
};

}  // namespace hdecomp::cuda
