/// gap_reduce on the CPU: one (decision, channel) plane per task, in blocks of vector lanes.
#include <algorithm>

#include "kernels/gap/gap_reduce.h"
#include "kernels/window/window_cells_cpu.h"

namespace hdecomp::cpu {
namespace {

/// Sums and maxima of one plane, built up block by block.
struct Plane {
  double activation_sum = 0, gradient_sum = 0;
  float activation_max = 0;
  float gradient_max;
  int32_t position = -1;

  /// `gradient_max`: a value that G surely takes.
  explicit Plane(float gradient_max_at_least) : gradient_max(gradient_max_at_least) {}
};

/// Elements summed in float, short enough to stay exact to about 1e-6; longer sums go on in double.
constexpr int64_t block = 256;

/// Takes `n` <= block neighbours into the plane; `position` is the first one's in the map.
void reduce_block(const float* g, const float* f, int64_t n, int64_t position, Plane& plane) {
  Lanes activation_sums{}, gradient_sums{}, activation_max{}, gradient_max = Lanes{} + g[0];
  for (int64_t i = 0; i < n; i += lanes) {
    const int64_t some = std::min(n - i, lanes);
    const Lanes gradient = load_some(g + i, some);
    const Lanes a = gradient * load_some(f + i, some);  // Eq. 3
    activation_sums += a;
    gradient_sums += gradient;
    activation_max = larger(a, activation_max);
    gradient_max = larger(first_lanes(some) ? gradient : gradient_max, gradient_max);
  }
  const auto add = [](const Lanes& a, const Lanes& b) { return a + b; };
  plane.activation_sum += over_lanes(activation_sums, add);
  plane.gradient_sum += over_lanes(gradient_sums, add);
  plane.gradient_max = std::max(plane.gradient_max, over_lanes(gradient_max, larger));
  const float most = over_lanes(activation_max, larger);
  if (most > plane.activation_max) {  // rarely: look for its first place, still in cache
    plane.activation_max = most;
    int64_t i = 0;
    while (g[i] * f[i] != most) ++i;
    plane.position = static_cast<int32_t>(position + i);
  }
}

void reduce_run(const float* g, const float* f, int64_t n, int64_t position, Plane& plane) {
  for (int64_t i = 0; i < n; i += block) {
    reduce_block(g + i, f + i, std::min(block, n - i), position + i, plane);
  }
}

/// `at`: decision * channels + channel; `area`: Z.
void store(const Plane& plane, int64_t at, int64_t area, GapResult& result) {
  const auto z = static_cast<double>(area);
  result.alpha.data()[at] = static_cast<float>(plane.activation_sum / z);  // Eq. 4
  result.peak.data()[at] = plane.activation_max;
  result.position.data()[at] = plane.position;  // Eq. 5
  result.mean_gradient.data()[at] = static_cast<float>(plane.gradient_sum / z);
  result.max_gradient.data()[at] = plane.gradient_max;
}

}  // namespace

void gap_reduce(const Context& context, const WindowBatch& gradient, const Tensor& feature,
                GapResult& result) {
  const Window& window = gradient.window;
  const int64_t channels = gradient.channels, map = window.y.map * window.x.map;
  parallel_for(context, gradient.decisions() * channels, [&](int64_t at) {
    const int64_t c = at % channels, d = at / channels;
    const Place& place = gradient.places[d];
    if (place.image < 0) return store(Plane(0.0f), at, map, result);
    const float* g = gradient.plane(c, d);
    const float* f = feature_plane(feature, place, c);
    // Outside the window G is 0; a whole window holds every G there is.
    Plane plane(window.whole() ? g[0] : 0.0f);
    for_each_run(window, place.y, place.x, [&](int64_t cell, int64_t in_map, int64_t count) {
      reduce_run(g + cell, f + in_map, count, in_map, plane);
    });
    store(plane, at, map, result);
  });
}

}  // namespace hdecomp::cpu
