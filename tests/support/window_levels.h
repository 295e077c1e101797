/// Levels of decisions for the window ops' tests: made at random, run on any device, and computed
/// the slow way, on whole maps in double.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <optional>
#include <vector>

#include "kernels/core/copy.h"
#include "kernels/core/sliding.h"
#include "kernels/window/window_backward.h"
#include "tests/support/op_testing.h"

namespace hdecomp::op_testing {

/// What stands below: the window that the layer asks for, a wider one (another branch's), or all.
enum class Below { exact, wider, whole };

/// The extents of a level. The layer under test carries from a map that `kernel` makes of height x
/// width down to height x width; the decisions were taken above a further layer, `upper`.
struct LevelPlan {
  int64_t images, decisions, height, width;
  int64_t channels_above, channels_below;
  WindowKernel kernel, upper = {1, 1, 0};
  Below below = Below::exact;
};

/// One decision's gradient, (c, height, width).
struct Map {
  int64_t height, width;
  std::vector<double> values;
  Map(int64_t channels, int64_t map_height, int64_t map_width)
      : height(map_height), width(map_width), values(channels * height * width) {}
  double& at(int64_t c, int64_t y, int64_t x) { return values[(c * height + y) * width + x]; }
};

/// A level on the host.
struct Level {
  Window above, below;
  int64_t channels_above = 0, channels_below = 0;
  PlaceTensor places;
  bool one_hot = false;
  int64_t first_channel = 0;  // one-hot: of the decisions' layer
  Tensor gradient;  // (C, D, h, w) above; zero outside the map and where there is no decision
  Tensor prior;     // (C, D, h, w) below: another branch's; zero likewise
  Tensor feature;   // (B, C, H, W) below, for the mask
};

inline int64_t extent_above(int64_t map, const WindowKernel& kernel) {
  return steps_of_kernel(map, kernel.size, kernel.stride, kernel.pad);
}

/// Calls body(i, channel, decision, y, x) for each element i of a batch: (y, x) in the map, or -1
/// where the element must be zero.
template <class Body>
void for_each_cell(const Window& window, int64_t channels, const PlaceTensor& places, Body&& body) {
  const int64_t decisions = places.elements(), area = window.area();
  for (int64_t i = 0; i < channels * decisions * area; ++i) {
    const int64_t d = i / area % decisions;
    const Place& place = places.data()[d];
    const int64_t y = window.y.begin(place.y) + i % area / window.x.size;
    const int64_t x = window.x.begin(place.x) + i % window.x.size;
    const bool inside =
        place.image >= 0 && y >= 0 && y < window.y.map && x >= 0 && x < window.x.map;
    body(i, i / area / decisions, d, inside ? y : -1, inside ? x : -1);
  }
}

/// Random values in [-1, 1), a third of them 0, and all where a batch must be zero.
inline Tensor random_windows(const Window& window, int64_t channels, const PlaceTensor& places,
                             uint64_t seed) {
  const Shape shape{channels, places.elements(), window.y.size, window.x.size};
  Tensor result = random_tensor(shape, seed);
  for_each_cell(window, channels, places, [&](int64_t i, int64_t, int64_t, int64_t y, int64_t) {
    if (y < 0 || i * 7 % 3 == 0) result.data()[i] = 0;
  });
  return result;
}

/// Decisions in the corners and anywhere, one in five of them not there.
inline PlaceTensor random_places(const LevelPlan& plan, int64_t height, int64_t width,
                                 Random& random) {
  std::vector<Place> places;
  for (int64_t d = 0; d < plan.decisions; ++d) {
    const auto below = [&](int64_t n) { return static_cast<int64_t>(random.bits() % n); };
    Place place{below(plan.channels_above), below(height), below(width), below(plan.images)};
    if (d == 0) place.y = 0, place.x = 0;
    if (d == 1) place.y = height - 1, place.x = width - 1;
    if (d % 10 == 3) place.image = -1;
    if (d % 10 == 8) place = {-1, -70000, 70000, -1};
    places.push_back(place);
  }
  return tensor_of(Shape{plan.decisions}, places);
}

inline Level random_level(const LevelPlan& plan, uint64_t seed, bool one_hot = false) {
  Level level;
  const int64_t height = extent_above(plan.height, plan.kernel);
  const int64_t width = extent_above(plan.width, plan.kernel);
  const int64_t top = extent_above(height, plan.upper), top_width = extent_above(width, plan.upper);
  const Window decision = window_at_decision(top, top_width);
  level.above = window_below(decision, plan.upper, height, width);
  level.below = window_below(level.above, plan.kernel, plan.height, plan.width);
  if (plan.below == Below::wider) {
    const WindowKernel wider{plan.kernel.size + 2, plan.kernel.stride, plan.kernel.pad + 1};
    level.below = united(level.below, window_below(level.above, wider, plan.height, plan.width));
  }
  if (plan.below == Below::whole) level.below = whole_window(plan.height, plan.width);
  level.channels_above = plan.channels_above;
  level.channels_below = plan.channels_below;
  Random random(seed);
  level.places = random_places(plan, top, top_width, random);
  level.one_hot = one_hot;
  if (!one_hot) {
    level.gradient = random_windows(level.above, plan.channels_above, level.places, seed + 1);
  }
  level.prior = random_windows(level.below, plan.channels_below, level.places, seed + 2);
  level.feature = random_tensor({plan.images, plan.channels_below, plan.height, plan.width},
                                seed + 3, -0.5f, 1);
  level.feature.data()[0] = 0;
  return level;
}

/// A decision's gradient above over its whole map.
inline Map map_above(const Level& level, int64_t decision) {
  Map map(level.channels_above, level.above.y.map, level.above.x.map);
  for_each_cell(level.above, level.channels_above, level.places,
                [&](int64_t i, int64_t c, int64_t d, int64_t y, int64_t x) {
                  if (d != decision || y < 0) return;
                  map.at(c, y, x) = level.one_hot
                                        ? level.places.data()[d].channel - level.first_channel == c
                                        : level.gradient.data()[i];
                });
  return map;
}

/// The op under test, with its weight or feature.
using WindowOp = std::function<void(const Context&, const Tensor& operand, const WindowBatch& above,
                                    const GradientBelow& below)>;
/// The same of one decision on whole maps: (operand, image, map above, map below to add to).
using SlowOp = std::function<void(const Tensor& operand, int64_t image, Map& above, Map& below)>;

/// The window batch below, (C, D, h, w) on the host, that the op leaves.
inline Tensor run_on(const Context& context, const Level& level, const Tensor& operand,
                     const WindowOp& op, Accumulate into, std::optional<ReluRule> mask) {
  const Device device = context.device();
  const PlaceTensor places = copied_to(device, context, level.places);
  WindowBatch above;
  above.window = level.above;
  above.places = {places.data(), static_cast<size_t>(places.elements())};
  above.one_hot = level.one_hot;
  above.first_channel = level.first_channel;
  above.channels = level.channels_above;
  above.pool = std::make_shared<BufferPool>(device);
  if (!level.one_hot) above.data = copied_to(device, context, level.gradient);
  WindowBatch below = window_batch_like(above, level.below, level.channels_below);
  Tensor before = copy_tensor(level.prior);
  if (into == Accumulate::empty) {
    std::ranges::fill(before.span(), std::numeric_limits<float>::quiet_NaN());
  }
  below.data = copied_to(device, context, before);
  const Tensor feature = copied_to(device, context, level.feature);
  const Tensor there = copied_to(device, context, operand);
  op(context, there, above,
     {below, into, {mask ? &feature : nullptr, mask.value_or(ReluRule::plain)}});
  context.finish();
  return copied_to(Device{}, context, below.data);
}

/// The same by the slow op.
inline std::vector<double> run_slowly(const Level& level, const Tensor& operand, const SlowOp& op,
                                      Accumulate into, std::optional<ReluRule> mask) {
  std::vector<Map> maps;
  for (int64_t d = 0; d < level.places.elements(); ++d) {
    Map above = map_above(level, d);
    Map& below = maps.emplace_back(level.channels_below, level.below.y.map, level.below.x.map);
    const int64_t image = level.places.data()[d].image;
    if (image >= 0) op(operand, image, above, below);
  }
  std::vector<double> result(level.prior.elements());
  for_each_cell(level.below, level.channels_below, level.places,
                [&](int64_t i, int64_t c, int64_t d, int64_t y, int64_t x) {
                  if (y < 0) return;
                  double value = maps[d].at(c, y, x);
                  if (into == Accumulate::sum) value += level.prior.data()[i];
                  const int64_t plane = level.places.data()[d].image * level.channels_below + c;
                  const float f =
                      level.feature.data()[(plane * maps[d].height + y) * maps[d].width + x];
                  if (mask && f <= 0) value = 0;
                  if (mask == ReluRule::guided) value = std::max(value, 0.0);
                  result[i] = value;
                });
  return result;
}

/// A linear layer, slowly.
inline void slow_linear(const Tensor& weight, int64_t, Map& above, Map& below) {
  const int64_t inputs = weight.shape()[1];
  for (int64_t unit = 0; unit < weight.shape()[0]; ++unit) {
    if (above.values[unit] == 0) continue;
    for (int64_t i = 0; i < inputs; ++i) {
      below.values[i] += above.values[unit] * weight.data()[unit * inputs + i];
    }
  }
}

/// A linear layer of `units` over a whole map below.
inline Level linear_level(int64_t decisions, int64_t units, int64_t channels, int64_t height,
                          int64_t width, uint64_t seed, bool one_hot) {
  Level level = random_level({2, decisions, height, width, units, channels, {1, 1, 0}}, seed);
  for (Place& place : level.places.span()) {
    if (place.image >= 0) place.y = place.x = 0;
  }
  level.above = whole_window(1, 1);
  level.below = whole_window(height, width);
  level.one_hot = one_hot;
  level.gradient = random_windows(level.above, units, level.places, seed);
  level.prior = random_windows(level.below, channels, level.places, seed + 1);
  return level;
}

}  // namespace hdecomp::op_testing
