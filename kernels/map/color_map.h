/// Heat maps over a photograph: each value in [0, 1] becomes a jet colour, mixed into its pixel.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

#include "kernels/core/context.h"
#include "kernels/core/tensor.h"

namespace hdecomp {

/// Red, green, blue of the jet colour map: dark blue for 0, through cyan, yellow and red, to dark
/// red for 1; values outside [0, 1] count as the nearer end.
inline std::array<uint8_t, 3> jet(float value) {
  const float v = std::clamp(value, 0.0f, 1.0f);
  // Each channel is a trapezium: up, flat at 1 and down again, around its own centre.
  const auto channel = [v](float centre) {
    const float height = std::clamp(1.5f - 4.0f * std::abs(v - centre), 0.0f, 1.0f);
    return static_cast<uint8_t>(std::lround(height * 255.0f));
  };
  return {channel(0.75f), channel(0.5f), channel(0.25f)};
}

/// The colour's share of a pixel at value 0 and at value 1; linear between.
constexpr float faintest_colour = 0.25f, strongest_colour = 0.70f;

/// blended(n, y, x) = view(y, x) mixed with the jet colour of map(n, y, x), rounded to 8 bits:
/// the same bits on every device. `map` (n, height, width) is as fine as the picture; values
/// outside [0, 1] count as the nearer end, NaN as 0. `view` (height, width, 3), `blended` (n,
/// height, width, 3), which may be `view`'s memory if n is 1.
void color_map(const Context& context, const Tensor& map, const TensorOf<uint8_t>& view,
               TensorOf<uint8_t>& blended);

namespace cpu {
void color_map(const Context&, const Tensor& map, const TensorOf<uint8_t>& view,
               TensorOf<uint8_t>& blended);
}
namespace cuda {
void color_map(const Context&, const Tensor& map, const TensorOf<uint8_t>& view,
               TensorOf<uint8_t>& blended);
}

}  // namespace hdecomp
