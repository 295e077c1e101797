/// The one way in which hdecomp launches a CUDA kernel.
#pragma once

#include <cuda_runtime.h>

#include <cstddef>
#include <cstdint>
#include <utility>

#include "hdecomp/error.h"

namespace hdecomp {

struct Grid {
  dim3 blocks;
  dim3 threads;             // per block; at most 1024 in all
  size_t shared_bytes = 0;  // dynamic shared memory per block
};

/// Blocks of `threads` threads for n elements, at most 65535: so a kernel over n elements goes
/// through them in strides of the whole grid,
///   for (int64_t i = blockIdx.x * int64_t{blockDim.x} + threadIdx.x; i < n;
///        i += int64_t{gridDim.x} * blockDim.x)
/// 0 for n <= 0, which launches nothing.
inline unsigned int blocks_for(int64_t n, int threads) {
  constexpr int64_t kMostBlocks = 65535;
  if (n <= 0) return 0;
  const int64_t blocks = (n - 1) / threads + 1;
  return static_cast<unsigned int>(blocks < kMostBlocks ? blocks : kMostBlocks);
}

/// Queues a kernel on the stream; does nothing if an extent of the grid or the block is 0. `name`
/// names it in errors. Throws Error if CUDA refuses the launch; a fault of the running kernel shows
/// at the stream's next synchronisation. More than 48 KiB of shared memory must have been asked for
/// with cudaFuncSetAttribute.
template <class... Params, class... Args>
void launch(cudaStream_t stream, const char* name, void (*kernel)(Params...), const Grid& grid,
            Args&&... args) {
  const dim3& blocks = grid.blocks;
  const dim3& threads = grid.threads;
  if (blocks.x == 0 || blocks.y == 0 || blocks.z == 0) return;
  if (threads.x == 0 || threads.y == 0 || threads.z == 0) return;
  cudaLaunchConfig_t config{};
  config.gridDim = blocks;
  config.blockDim = threads;
  config.dynamicSmemBytes = grid.shared_bytes;
  config.stream = stream;
  const cudaError_t status = cudaLaunchKernelEx(&config, kernel, std::forward<Args>(args)...);
  if (status == cudaSuccess) return;
  cudaGetLastError();  // told below: must not come up again at a later check
  throw Error(joined("kernel ", name, " with ", blocks.x, "x", blocks.y, "x", blocks.z,
                     " blocks of ", threads.x, "x", threads.y, "x", threads.z, " threads and ",
                     grid.shared_bytes, " bytes of dynamic shared memory: ",
                     cudaGetErrorString(status), " (", cudaGetErrorName(status), ")"));
}

}  // namespace hdecomp
