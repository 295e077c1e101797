/// next_decisions on the CPU.
#include "kernels/gap/next_decisions.h"

#include "kernels/window/window_cells_cpu.h"

namespace hdecomp::cpu {

void next_decisions(const Context& context, std::span<const Place> above,
                    const IndexTensor& channels, const IndexTensor& positions,
                    const Tensor& feature, Tensor& values, PlaceTensor& next) {
  const int64_t n = channels.shape()[1], count = positions.shape()[1];
  const int64_t width = feature.shape()[3];
  parallel_for(context, channels.elements(), [&](int64_t i) {
    const Place& place = above[i / n];
    const int64_t channel = channels.data()[i];
    values.data()[i] = 0;
    next.data()[i] = {0, 0, 0, -1};
    if (place.image < 0 || channel < 0) return;
    const int64_t position = positions.data()[i / n * count + channel];
    if (position < 0) return;
    const float value = feature_plane(feature, place, channel)[position];
    values.data()[i] = value;
    next.data()[i] = {channel, position / width, position % width, value > 0 ? place.image : -1};
  });
}

}  // namespace hdecomp::cpu
