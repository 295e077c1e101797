/// largest_magnitudes on a GPU: some blocks for each array, which meet in an atomic maximum.
#include "kernels/core/context_cuda.h"
#include "kernels/core/copy.h"
#include "kernels/core/cuda_launch.h"
#include "kernels/core/lanes.cuh"
#include "kernels/map/largest_magnitudes.h"

namespace hdecomp::cuda {
namespace {

constexpr int blocks_of_array = 32;

// sources (n), magnitudes (n) as bits, zero before: floats without their sign are in order as
// integers, finite ones, infinity, NaN.
__global__ void __launch_bounds__(block_threads)
    find_largest(const FloatArray* sources, int32_t* magnitudes) {
  const FloatArray source = sources[blockIdx.y];
  int32_t largest = 0;
  for (int64_t i = blockIdx.x * int64_t{block_threads} + threadIdx.x; i < source.elements;
       i += int64_t{gridDim.x} * block_threads) {
    largest = max(largest, __float_as_int(source.data[i]) & 0x7fffffff);
  }
  for (int mask = 16; mask > 0; mask /= 2) {
    largest = max(largest, __shfl_xor_sync(all_lanes, largest, mask));
  }
  if (threadIdx.x % 32 == 0) atomicMax(magnitudes + blockIdx.y, largest);
}

}  // namespace

void largest_magnitudes(const Context& context, const TensorOf<FloatArray>& sources,
                        Tensor& magnitudes) {
  constexpr int64_t most_arrays = 65535;  // of a grid's y
  hdecomp::clear(context, magnitudes);
  auto* bits = reinterpret_cast<int32_t*>(magnitudes.data());
  for (int64_t begin = 0; begin < sources.elements(); begin += most_arrays) {
    const int64_t left = sources.elements() - begin;
    const auto arrays = static_cast<unsigned int>(left < most_arrays ? left : most_arrays);
    launch(context.cuda().stream(), "largest_magnitudes", find_largest,
           Grid{dim3(blocks_of_array, arrays), dim3(block_threads)}, sources.data() + begin,
           bits + begin);
  }
}

}  // namespace hdecomp::cuda
