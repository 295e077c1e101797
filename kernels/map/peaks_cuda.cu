/// find_peaks on a GPU: some blocks for each array, which meet in an atomic maximum.
#include "kernels/core/context_cuda.h"
#include "kernels/core/copy.h"
#include "kernels/core/cuda_launch.h"
#include "kernels/core/lanes.cuh"
#include "kernels/map/peaks.h"

namespace hdecomp::cuda {
namespace {

constexpr int blocks_of_array = 32;

// sources (n), peaks (n) as bits, zero before: floats without their sign are in order as integers,
// finite ones, infinity, NaN.
__global__ void __launch_bounds__(block_threads)
    find_largest(const PeakSource* sources, int32_t* peaks) {
  const PeakSource source = sources[blockIdx.y];
  int32_t largest = 0;
  for (int64_t i = blockIdx.x * int64_t{block_threads} + threadIdx.x; i < source.elements;
       i += int64_t{gridDim.x} * block_threads) {
    largest = max(largest, __float_as_int(source.data[i]) & 0x7fffffff);
  }
  for (int mask = 16; mask > 0; mask /= 2) {
    largest = max(largest, __shfl_xor_sync(all_lanes, largest, mask));
  }
  if (threadIdx.x % 32 == 0) atomicMax(peaks + blockIdx.y, largest);
}

}  // namespace

void find_peaks(const Context& context, const TensorOf<PeakSource>& sources, Tensor& peaks) {
  constexpr int64_t most_arrays = 65535;  // of a grid's y
  hdecomp::clear(context, peaks);
  auto* bits = reinterpret_cast<int32_t*>(peaks.data());
  for (int64_t begin = 0; begin < sources.elements(); begin += most_arrays) {
    const int64_t left = sources.elements() - begin;
    const auto arrays = static_cast<unsigned int>(left < most_arrays ? left : most_arrays);
    launch(context.cuda().stream(), "find_peaks", find_largest,
           Grid{dim3(blocks_of_array, arrays), dim3(block_threads)}, sources.data() + begin,
           bits + begin);
  }
}

}  // namespace hdecomp::cuda
