/// Grids with one thread for every element, for kernels that do not go on in strides.
#pragma once

#include <cstdint>

#include "hdecomp/error.h"
#include "kernels/core/cuda_launch.h"

namespace hdecomp::cuda {

/// Blocks of `threads` for n threads or more; empty for n <= 0. Throws Error beyond 2^31 - 1
/// blocks, the most that CUDA has.
inline Grid full_grid(int64_t n, int threads) {
  if (n <= 0) return {0, 0};
  const int64_t blocks = (n - 1) / threads + 1;
  if (blocks > INT32_MAX) {
    throw Error(
        joined(n, " threads on the GPU, ", threads, " to a block; at most 2^31 - 1 blocks"));
  }
  return {static_cast<unsigned int>(blocks), static_cast<unsigned int>(threads)};
}

/// `blocks` blocks of `threads`.
inline Grid block_grid(int64_t blocks, int threads) { return full_grid(blocks * threads, threads); }

}  // namespace hdecomp::cuda
