/// activation_maps on the CPU: one map per task.
#include <algorithm>

#include "kernels/gap/activation_maps.h"
#include "kernels/window/window_cells_cpu.h"

namespace hdecomp::cpu {

void activation_maps(const Context& context, const WindowBatch& gradient, const Tensor& feature,
                     const IndexTensor& channels, Tensor& maps) {
  const Window& window = gradient.window;
  const int64_t n = channels.shape()[1], area = window.y.map * window.x.map;
  parallel_for(context, channels.elements(), [&](int64_t i) {
    const int64_t d = i / n, channel = channels.data()[i];
    const Place& place = gradient.places[d];
    float* map = maps.data() + i * area;
    std::fill(map, map + area, 0.0f);
    if (channel < 0 || place.image < 0) return;
    const float* g = gradient.plane(channel, d);
    const float* f = feature_plane(feature, place, channel);
    for_each_run(window, place.y, place.x, [&](int64_t cell, int64_t in_map, int64_t count) {
      for (int64_t k = 0; k < count; ++k) map[in_map + k] = g[cell + k] * f[in_map + k];  // Eq. 3
    });
  });
}

}  // namespace hdecomp::cpu
