/// The gradients of a whole level of decisions, one window each: what the window ops work on.
#pragma once

#include <cstdint>
#include <vector>

#include "kernels/core/buffer_pool.h"
#include "kernels/core/tensor.h"
#include "kernels/core/window.h"

namespace hdecomp {

/// A decision's place in the layer that it was taken in.
struct Place {
  int64_t channel = 0, y = 0, x = 0;
};

/// D windows of a layer with C channels. All of a channel's windows lie together, so that a
/// convolution's product covers the whole level at once.
struct WindowBatch {
  Window window;
  std::vector<Place> places;  // D
  Tensor data;  // (C, D, h, w); zero where a window leaves the map. Empty if `one_hot`.
  /// The gradient of the decisions to themselves: 1 at channel places[d].channel, 0 elsewhere.
  bool one_hot = false;
  int64_t channels = 0;
  std::shared_ptr<BufferPool> pool;  // where `data` and the batches below take memory; may be null

  int64_t decisions() const { return static_cast<int64_t>(places.size()); }
  /// The plane (h, w) of one channel and decision.
  float* plane(int64_t channel, int64_t decision) {
    return data.data() + (channel * decisions() + decision) * window.area();
  }
  const float* plane(int64_t channel, int64_t decision) const {
    return const_cast<WindowBatch*>(this)->plane(channel, decision);
  }
};

/// Gives a batch its (C, D, h, w) memory, uninitialised.
void take_data(WindowBatch& batch);

/// An uninitialised batch for the same decisions in another layer.
WindowBatch window_batch_like(const WindowBatch& batch, const Window& window, int64_t channels);

}  // namespace hdecomp
