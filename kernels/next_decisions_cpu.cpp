/// next_decisions on the CPU.
#include "kernels/core/parallel.h"
#include "kernels/next_decisions.h"

namespace hdecomp::cpu {

void next_decisions(const Context& context, std::span<const Place> above,
                    const IndexTensor& channels, const IndexTensor& positions,
                    const Tensor& feature, Tensor& values, PlaceTensor& next) {
  const int64_t n = channels.shape()[1], count = positions.shape()[1];
  const int64_t width = feature.shape()[3], map = feature.shape()[2] * width;
  parallel_for(context, channels.elements(), [&](int64_t i) {
    const int64_t image = above[i / n].image;
    const int64_t channel = channels.data()[i];
    values.data()[i] = 0;
    next.data()[i] = {0, 0, 0, -1};
    if (image < 0 || channel < 0) return;
    const int64_t position = positions.data()[i / n * count + channel];
    if (position < 0) return;
    const float value = feature.data()[(image * count + channel) * map + position];
    values.data()[i] = value;
    next.data()[i] = {channel, position / width, position % width, value > 0 ? image : -1};
  });
}

}  // namespace hdecomp::cpu
