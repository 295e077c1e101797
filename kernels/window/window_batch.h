/// The gradients of a whole level of decisions, one window each: what the window ops work on.
#pragma once

#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "kernels/core/buffer_pool.h"
#include "kernels/core/tensor.h"
#include "kernels/core/window.h"

namespace hdecomp {

/// A decision's place: in the layer that it was taken in, and which image of the batch.
struct Place {
  int64_t channel = 0, y = 0, x = 0;
  int64_t image = 0;  // -1: no decision; its gradient is zero everywhere

  /// Image by image.
  auto operator<=>(const Place& other) const {
    if (const auto order = image <=> other.image; order != 0) return order;
    if (const auto order = channel <=> other.channel; order != 0) return order;
    if (const auto order = y <=> other.y; order != 0) return order;
    return x <=> other.x;
  }
  bool operator==(const Place&) const = default;
};
using PlaceTensor = TensorOf<Place>;

/// D windows of a layer with C channels. All of a channel's windows lie together, so that a
/// convolution's product covers the whole level at once.
struct WindowBatch {
  Window window;
  std::span<const Place> places;  // D, in the device's memory; belongs to the caller
  Tensor data;  // (C, D, h, w); zero where a window leaves the map. Empty if `one_hot`.
  /// The gradient of the decisions to themselves: 1 at channel places[d].channel - first_channel, 0
  /// elsewhere.
  bool one_hot = false;
  int64_t first_channel =
      0;  // of the decisions' layer, in `one_hot` batches: the batch's channel 0
  int64_t channels = 0;
  std::shared_ptr<const WindowBatch> whole;  // of a part: in whose memory it lies
  std::shared_ptr<BufferPool> pool;          // where `data` and the batches below take memory

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

/// Some of a batch's channels, in its memory.
WindowBatch channels_of(const WindowBatch& batch, int64_t first, int64_t count);

/// The same, and keeps that memory.
WindowBatch part_of(const std::shared_ptr<const WindowBatch>& whole, int64_t first, int64_t count);

/// Batches of one window that lie side by side in memory, as one in that memory; none where they do
/// not, or hold nothing. It must not outlive them.
std::optional<WindowBatch> side_by_side(std::span<const WindowBatch* const> parts);

/// An uninitialised batch for the same decisions in another layer.
WindowBatch window_batch_like(const WindowBatch& batch, const Window& window, int64_t channels);

}  // namespace hdecomp
