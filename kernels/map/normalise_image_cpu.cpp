/// normalise_image on the CPU: one plane per task, through a table of the 256 values.
#include "kernels/core/parallel.h"
#include "kernels/map/normalise_image.h"

namespace hdecomp::cpu {

void normalise_image(const Context& context, const TensorOf<uint8_t>& image,
                     const ChannelScale& scale, Tensor& result) {
  constexpr int64_t channels = 3;
  const int64_t pixels = image.shape()[1] * image.shape()[2];
  parallel_for(context, image.shape()[0] * channels, [&](int64_t plane) {
    const int64_t n = plane / channels, c = plane % channels;
    const auto channel = static_cast<size_t>(c);
    std::array<float, 256> table;
    for (size_t v = 0; v < table.size(); ++v) {
      table[v] = (static_cast<float>(v) / 255.0f - scale.mean[channel]) / scale.std[channel];
    }
    const uint8_t* from = image.data() + n * pixels * channels + c;
    float* to = result.data() + plane * pixels;
    for (int64_t i = 0; i < pixels; ++i) to[i] = table[from[i * channels]];
  });
}

}  // namespace hdecomp::cpu
