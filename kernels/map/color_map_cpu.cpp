/// color_map on the CPU: one row of a picture per task.
#include <algorithm>
#include <cmath>

#include "kernels/core/parallel.h"
#include "kernels/map/color_map.h"

namespace hdecomp::cpu {
namespace {

/// Rounded once, on every device.
float mix(float a, float b, float share) { return std::fma(b - a, share, a); }

}  // namespace

void color_map(const Context& context, const Tensor& map, const TensorOf<uint8_t>& view,
               TensorOf<uint8_t>& blended) {
  constexpr int64_t channels = 3;
  const int64_t height = map.shape()[1], width = map.shape()[2];
  parallel_for(context, map.shape()[0] * height, [&](int64_t row) {
    const float* values = map.data() + row * width;
    const uint8_t* from = view.data() + row % height * width * channels;
    uint8_t* to = blended.data() + row * width * channels;
    for (int64_t x = 0; x < width; ++x) {
      const float value = values[x] > 0 ? std::min(values[x], 1.0f) : 0.0f;  // NaN: 0
      const std::array<uint8_t, 3> colour = jet(value);
      const float share = mix(faintest_colour, strongest_colour, value);
      for (int64_t c = 0; c < channels; ++c) {
        const int64_t at = x * channels + c;
        to[at] =
            static_cast<uint8_t>(std::lround(mix(from[at], colour[static_cast<size_t>(c)], share)));
      }
    }
  });
}

}  // namespace hdecomp::cpu
