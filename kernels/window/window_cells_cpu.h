/// The CPU's window ops, cell by cell: what a plane begins with, and the activation that it ends
/// with.
#pragma once

#include <algorithm>
#include <limits>

#include "kernels/core/parallel.h"
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

/// Puts a finished plane through the activation below, while it is in the cache.
inline void mask_plane(const GradientBelow& below, int64_t channel, int64_t decision) {
  const Place& place = below.batch.places[decision];
  if (below.mask.feature == nullptr || place.image < 0) return;
  const float least =
      below.mask.rule == ReluRule::guided ? 0.0f : -std::numeric_limits<float>::infinity();
  const float* feature = feature_plane(*below.mask.feature, place, channel);
  float* plane = below.batch.plane(channel, decision);
  with_constant(below.mask.activation, [&](auto kind) {
    for_each_run(below.batch.window, place.y, place.x,
                 [&](int64_t cell, int64_t at, int64_t count) {
                   const float* f = feature + at;
                   float* g = plane + cell;
#pragma omp simd
                   for (int64_t i = 0; i < count; ++i) {
                     g[i] = passes(kind, f[i]) ? std::max(g[i], least) : 0.0f;
                   }
                 });
  });
}

/// Adds term(value) of every cell of a plane above to the cell that a tap of a kernel carries it
/// to: the tap's spans on both axes.
template <class Term>
void add_tap(const WindowKernels& kernel, const Window& above, const Window& below,
             const TapSpan& rows, const TapSpan& columns, const float* from, float* to, Term term) {
  const int64_t step = kernel.x.stride, begin = columns.above.begin, end = columns.above.end;
  for (int64_t i = rows.above.begin; i < rows.above.end; ++i) {
    const float* source = from + i * above.x.size;
    float* target = to + (i * kernel.y.stride + rows.shift) * below.x.size + columns.shift;
    if (step == 1) {
#pragma omp simd
      for (int64_t j = begin; j < end; ++j) target[j] += term(source[j]);
    } else {
      for (int64_t j = begin; j < end; ++j) target[j * step] += term(source[j]);
    }
  }
}

/// Of tap number `tap`.
template <class Term>
void add_tap(const WindowKernels& kernel, const Window& above, const Window& below, int64_t tap,
             const Place& place, const float* from, float* to, Term term) {
  const auto rows = tap_span(above.y, below.y, kernel.y, tap / kernel.x.size, place.y);
  const auto columns = tap_span(above.x, below.x, kernel.x, tap % kernel.x.size, place.x);
  add_tap(kernel, above, below, rows, columns, from, to, term);
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
