/// normalise_image on a GPU: one or four pixels per thread.
#include "kernels/core/context_cuda.h"
#include "kernels/core/full_grid.cuh"
#include "kernels/core/lanes.cuh"
#include "kernels/core/quads_device.cuh"
#include "kernels/map/normalise_image.h"

namespace hdecomp::cuda {
namespace {

struct DeviceScale {
  float mean[3], std[3];

  /// The CPU's roundings, one by one.
  __device__ float normalised(uint32_t value, int channel) const {
    const float unit = __fdiv_rn(static_cast<float>(value), 255.0f);
    return __fdiv_rn(__fadd_rn(unit, -mean[channel]), std[channel]);
  }
};

// image (n, pixels, 3), result (n, 3, pixels)
__global__ void __launch_bounds__(block_threads)
    normalise_pixels(const uint8_t* image, float* result, DeviceScale scale, int64_t pixels,
                     int64_t total) {
  const int64_t i = int64_t{blockIdx.x} * block_threads + threadIdx.x;
  if (i >= total) return;
  float* to = result + i / pixels * 3 * pixels + i % pixels;
  for (int c = 0; c < 3; ++c) to[c * pixels] = scale.normalised(image[i * 3 + c], c);
}

/// The same for four pixels; `pixels` and `total` count fours.
__global__ void __launch_bounds__(block_threads)
    normalise_quads(const PixelQuad* image, float4* result, DeviceScale scale, int64_t pixels,
                    int64_t total) {
  const int64_t i = int64_t{blockIdx.x} * block_threads + threadIdx.x;
  if (i >= total) return;
  const PixelQuad quad = image[i];
  float4* to = result + i / pixels * 3 * pixels + i % pixels;
  for (int c = 0; c < 3; ++c) {
    to[c * pixels] =
        make_float4(scale.normalised(quad.byte(c), c), scale.normalised(quad.byte(c + 3), c),
                    scale.normalised(quad.byte(c + 6), c), scale.normalised(quad.byte(c + 9), c));
  }
}

}  // namespace

void normalise_image(const Context& context, const TensorOf<uint8_t>& image,
                     const ChannelScale& scale, Tensor& result) {
  const int64_t pixels = image.shape()[1] * image.shape()[2], total = image.shape()[0] * pixels;
  if (total == 0) return;
  const DeviceScale scales{{scale.mean[0], scale.mean[1], scale.mean[2]},
                           {scale.std[0], scale.std[1], scale.std[2]}};
  const cudaStream_t stream = context.cuda().stream();
  if (pixels % 4 != 0 || !is_aligned(image.data()) || !is_aligned(result.data())) {
    launch(stream, "normalise_image", normalise_pixels, full_grid(total, block_threads),
           image.data(), result.data(), scales, pixels, total);
    return;
  }
  launch(stream, "normalise_image", normalise_quads, full_grid(total / 4, block_threads),
         reinterpret_cast<const PixelQuad*>(image.data()), reinterpret_cast<float4*>(result.data()),
         scales, pixels / 4, total / 4);
}

}  // namespace hdecomp::cuda
