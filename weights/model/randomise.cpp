/// Draws of a layer.
#include "weights/model/randomise.h"

#include <algorithm>
#include <cmath>

#include "hdecomp/error.h"
#include "kernels/core/random_normal.h"

namespace hdecomp {
namespace {

Tensor copied(const Tensor& tensor) {
  if (tensor.data() == nullptr) return {};
  Tensor copy({}, tensor.shape());
  std::ranges::copy(tensor.span(), copy.data());
  return copy;
}

void fill_uniform(std::span<float> numbers, uint64_t stream, double bound) {
  for (size_t i = 0; i < numbers.size(); ++i) {
    numbers[i] = static_cast<float>((2 * uniform_at(stream, i) - 1) * bound);
  }
}

}  // namespace

LayerWeights drawn_anew(const LayerWeights& layer, Draw draw, uint64_t stream) {
  LayerWeights made{copied(layer.weight), copied(layer.bias)};
  const std::span<float> weight = made.weight.span(), bias = made.bias.span();
  const bool is_scale = made.weight.shape().rank() == 1;
  const double fan_in =
      static_cast<double>(weight.size()) / static_cast<double>(made.weight.shape()[0]);
  const uint64_t of_weight = stream_of(stream, 0), of_bias = stream_of(stream, 1);
  switch (draw) {
    case Draw::he:
      if (is_scale) {
        std::ranges::fill(weight, 1.0f);
      } else {
        fill_normal(weight, of_weight, std::sqrt(2 / fan_in));
      }
      std::ranges::fill(bias, 0.0f);
      return made;
    case Draw::permute:
      shuffle(weight, of_weight);
      shuffle(bias, of_bias);
      return made;
    case Draw::torch:
      fill_uniform(weight, of_weight, 1 / std::sqrt(fan_in));
      fill_uniform(bias, of_bias, 1 / std::sqrt(fan_in));
      return made;
  }
  throw Error("an unknown draw");
}

}  // namespace hdecomp
