/// gap_reduce on the CPU: one (decision, channel) plane per task, in vector lanes that go on from
/// row to row.
#include <algorithm>
#include <limits>

#include "kernels/gap/gap_reduce.h"
#include "kernels/window/window_cells_cpu.h"

namespace hdecomp::cpu {
namespace {

// Vectors summed in float, few enough to stay exact to about 1e-6; longer sums go on in double.
constexpr int64_t most_vectors = 32;

float sum_of(const Lanes& values) {
  return over_lanes(values, [](const Lanes& a, const Lanes& b) { return a + b; });
}

/// Sums and maxima of one plane, each lane's by itself until they are asked for.
class Plane {
 public:
  /// `gradient_max`: a value that G surely takes.
  explicit Plane(float gradient_max) : gradient_max_(Lanes{} + gradient_max) {}

  /// Takes `n` neighbours of G and F; `position` is the first one's in the map, behind all before.
  void take(const float* g, const float* f, int64_t n, int64_t position) {
    for (int64_t begin = 0; begin < n; begin += most_vectors * lanes) {
      const int64_t end = std::min(n, begin + most_vectors * lanes);
      if (vectors_ + (end - begin + lanes - 1) / lanes > most_vectors) go_on_in_double();
      vectors_ += (end - begin + lanes - 1) / lanes;
      LaneInts at = LaneInts{0, 1, 2, 3, 4, 5, 6, 7} + static_cast<int32_t>(position + begin);
      int64_t i = begin;
      for (; i + lanes <= end; i += lanes, at += static_cast<int32_t>(lanes)) {
        const Lanes gradient = load_lanes(g + i);
        add(gradient, load_lanes(f + i), at);
        gradient_max_ = larger(gradient, gradient_max_);
      }
      if (i == end) continue;
      const Lanes gradient = load_some(g + i, end - i);
      add(gradient, load_some(f + i, end - i), at);
      gradient_max_ = larger(first_lanes(end - i) ? gradient : gradient_max_, gradient_max_);
    }
  }

  /// `at`: decision * channels + channel; `area`: Z.
  void store(int64_t at, int64_t area, GapResult& result) {
    go_on_in_double();
    const auto z = static_cast<double>(area);
    const float most = over_lanes(activation_max_, larger);
    result.alpha.data()[at] = static_cast<float>(activation_sum_ / z);  // Eq. 4
    result.peak.data()[at] = most;
    result.position.data()[at] = most > 0 ? first_place_of(most) : -1;  // Eq. 5
    result.mean_gradient.data()[at] = static_cast<float>(gradient_sum_ / z);
    result.max_gradient.data()[at] = over_lanes(gradient_max_, larger);
  }

 private:
  void add(const Lanes& gradient, const Lanes& feature, const LaneInts& at) {
    const Lanes a = gradient * feature;  // Eq. 3
    activation_sums_ += a;
    gradient_sums_ += gradient;
    const LaneInts rises = a > activation_max_;
    positions_ = rises ? at : positions_;
    activation_max_ = rises ? a : activation_max_;
  }

  void go_on_in_double() {
    activation_sum_ += sum_of(activation_sums_);
    gradient_sum_ += sum_of(gradient_sums_);
    activation_sums_ = gradient_sums_ = Lanes{};
    vectors_ = 0;
  }

  int32_t first_place_of(float most) const {
    int32_t first = std::numeric_limits<int32_t>::max();
    for (int64_t i = 0; i < lanes; ++i) {
      if (activation_max_[i] == most) first = std::min(first, positions_[i]);
    }
    return first;
  }

  Lanes activation_sums_{}, gradient_sums_{};
  int64_t vectors_ = 0;  // in those
  double activation_sum_ = 0, gradient_sum_ = 0;
  Lanes activation_max_{};  // of those above 0
  LaneInts positions_{};    // each lane's first of that value
  Lanes gradient_max_;
};

}  // namespace

void gap_reduce(const Context& context, const WindowBatch& gradient, const Tensor& feature,
                GapResult& result) {
  const Window& window = gradient.window;
  const int64_t channels = gradient.channels, decisions = gradient.decisions();
  const int64_t map = window.y.map * window.x.map;
  // As they lie: a channel's features serve all decisions.
  parallel_for(context, decisions * channels, [&](int64_t i) {
    const int64_t c = i / decisions, d = i % decisions, at = d * channels + c;
    const Place& place = gradient.places[d];
    if (place.image < 0) return Plane(0.0f).store(at, map, result);
    const float* g = gradient.plane(c, d);
    const float* f = feature_plane(feature, place, c);
    // Outside the window G is 0; a whole window holds every G there is.
    Plane plane(window.whole() ? g[0] : 0.0f);
    for_each_run(window, place.y, place.x, [&](int64_t cell, int64_t in_map, int64_t count) {
      plane.take(g + cell, f + in_map, count, in_map);
    });
    plane.store(at, map, result);
  });
}

}  // namespace hdecomp::cpu
