/// The CPU's window ops, cell by cell: what a plane begins with, and the activation that it ends
/// with.
#pragma once

#include <algorithm>
#include <limits>

#include "kernels/core/parallel.h"
#include "kernels/product/lane_activation_cpu.h"
#include "kernels/window/window_backward.h"
#include "kernels/window/window_overlap.h"

namespace hdecomp::cpu {

/// A decision's feature plane.
inline const float* feature_plane(const Tensor& feature, const Place& place, int64_t channel) {
  const Shape& shape = feature.shape();
  return feature.data() + (place.image * shape[1] + channel) * shape[2] * shape[3];
}

/// The gradient of a one-hot decision to itself.
inline float one_hot_value(const WindowBatch& batch, int64_t channel, int64_t decision) {
  return batch.places[decision].channel - batch.first_channel == channel ? 1.0f : 0.0f;
}

/// The plane of a batch, or, in `single`, the 1 or 0 of a one-hot decision.
inline const float* plane_or(const WindowBatch& batch, int64_t channel, int64_t decision,
                             float& single) {
  if (!batch.one_hot) return batch.plane(channel, decision);
  single = one_hot_value(batch, channel, decision);
  return &single;
}

inline void begin_plane(const GradientBelow& below, int64_t channel, int64_t decision) {
  if (below.into == Accumulate::sum) return;
  float* plane = below.batch.plane(channel, decision);
  std::fill(plane, plane + below.batch.window.area(), 0.0f);
}

/// The least that a ReLU's rule lets down.
inline Lanes least_passed(ReluRule rule) {
  return Lanes{} + (rule == ReluRule::guided ? 0.0f : -std::numeric_limits<float>::infinity());
}

/// g * slope; nothing where g is zero, whatever the slope.
inline Lanes times(const Lanes& g, const Lanes& slope) {
  const Lanes product = g * slope;
  return g == 0 ? Lanes{} : product;
}

/// Puts a finished plane through the activation below, while it is in the cache.
inline void mask_plane(const GradientBelow& below, int64_t channel, int64_t decision) {
  const Place& place = below.batch.places[decision];
  if (below.mask.feature == nullptr || place.image < 0) return;
  const Lanes least = least_passed(below.mask.rule);
  const float* feature = feature_plane(*below.mask.feature, place, channel);
  float* plane = below.batch.plane(channel, decision);
  with_constant(below.mask.activation, [&](auto kind) {
    for_each_run(below.batch.window, place.y, place.x,
                 [=](int64_t cell, int64_t at, int64_t count) {
                   for (int64_t i = 0; i < count; i += lanes) {
                     const int64_t some = std::min(count - i, lanes);
                     float* g = plane + cell + i;
                     const Lanes f = load_some(feature + at + i, some);
                     store_some(passed(kind, load_some(g, some), f, least), g, some);
                   }
                 });
  });
}

/// The first `some` lanes go to a row of a plane that ends at `end` and is written from its first
/// cell to its last: what is behind them is zero until it is written.
inline void store_in_order(const Lanes& value, float* to, int64_t some, const float* end) {
  if (some >= lanes) return store_lanes(value, to);
  if (to + lanes > end) return store_some(value, to, some);
  store_lanes(first_lanes(some) ? value : Lanes{}, to);
}

/// Puts an op's own gradient of a plane, or adds it: through the node between, where there is one,
/// else through the activation below, where nothing is added to it any more. `from` is like the
/// plane, and readable a vector beyond its end.
inline void put_plane(const GradientBelow& below, int64_t channel, int64_t decision,
                      const float* from) {
  const Place& place = below.batch.places[decision];
  const Window& window = below.batch.window;
  const bool scaled = below.through.scale != nullptr, sum = below.into == Accumulate::sum;
  const ActivationMask& mask = scaled ? below.through.mask : below.mask;
  const bool masked = mask.feature != nullptr;
  const float factor = scaled ? below.through.scale[channel] : 1;
  const Lanes least = least_passed(mask.rule);
  const float* feature = masked ? feature_plane(*mask.feature, place, channel) : nullptr;
  float* plane = below.batch.plane(channel, decision);
  if (!lies_inside(window, place.y, place.x)) begin_plane(below, channel, decision);
  with_constant(masked ? mask.activation : Activation::none, [&](auto kind) {
    for_each_run(window, place.y, place.x,
                 [=, end = plane + window.area()](int64_t cell, int64_t at, int64_t count) {
                   for (int64_t i = 0; i < count; i += lanes) {
                     const int64_t some = std::min(count - i, lanes);
                     float* to = plane + cell + i;
                     Lanes value = load_lanes(from + cell + i);
                     if (kind() != Activation::none) {
                       value = passed(kind, value, load_some(feature + at + i, some), least);
                     }
                     value *= factor;
                     if (sum) {
                       store_some(value + load_some(to, some), to, some);
                     } else {
                       store_in_order(value, to, some, end);
                     }
                   }
                 });
  });
}

/// Adds every cell of the planes above, (taps, h, w), a tap's `step` behind the one before, to the
/// cells that the taps carry them to.
inline void add_taps(const WindowKernels& kernel, const Window& above, const Window& below,
                     const Place& place, const float* columns, int64_t step, float* to) {
  for (int64_t tap = 0; tap < kernel.taps(); ++tap, columns += step) {
    const auto rows = tap_span(above.y, below.y, kernel.y, tap / kernel.x.size, place.y);
    const auto cells = tap_span(above.x, below.x, kernel.x, tap % kernel.x.size, place.x);
    for (int64_t i = rows.above.begin; i < rows.above.end; ++i) {
      float* row = to + (i * kernel.y.stride + rows.shift) * below.x.size + cells.shift;
      for (int64_t j = cells.above.begin; j < cells.above.end; ++j) {
        row[j * kernel.x.stride] += columns[i * above.x.size + j];
      }
    }
  }
}

/// Begins every plane below, lets body(channel, decision, place) add to it, and masks it; a task is
/// a plane. Places without a decision get the beginning alone.
template <class Body>
void for_each_plane_below(const Context& context, const GradientBelow& below, Body&& body) {
  const int64_t decisions = below.batch.decisions();
  parallel_for(context, below.batch.channels * decisions, [&](int64_t i) {
    const int64_t channel = i / decisions, decision = i % decisions;
    const Place& place = below.batch.places[decision];
    begin_plane(below, channel, decision);
    if (place.image < 0) return;
    body(channel, decision, place);
    mask_plane(below, channel, decision);
  });
}

}  // namespace hdecomp::cpu
