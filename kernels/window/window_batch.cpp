/// Making window batches.
#include "kernels/window/window_batch.h"

namespace hdecomp {

void take_data(WindowBatch& batch) {
  const Shape shape{batch.channels, batch.decisions(), batch.window.y.size, batch.window.x.size};
  batch.data = take_tensor<float>(*batch.pool, shape);
}

WindowBatch channels_of(const WindowBatch& batch, int64_t first, int64_t count) {
  WindowBatch part;
  part.window = batch.window;
  part.places = batch.places;
  part.one_hot = batch.one_hot;
  part.first_channel = batch.first_channel + first;
  part.channels = count;
  part.pool = batch.pool;
  if (batch.one_hot) return part;
  const Shape shape{count, batch.decisions(), batch.window.y.size, batch.window.x.size};
  part.data = Tensor(batch.data.device(), shape, const_cast<float*>(batch.plane(first, 0)));
  return part;
}

WindowBatch part_of(const std::shared_ptr<const WindowBatch>& whole, int64_t first, int64_t count) {
  WindowBatch part = channels_of(*whole, first, count);
  part.whole = whole;
  return part;
}

std::optional<WindowBatch> side_by_side(std::span<const WindowBatch* const> parts) {
  const WindowBatch& first = *parts.front();
  int64_t channels = 0;
  for (const WindowBatch* part : parts) {
    const bool next = part->data.data() != nullptr && part->window == first.window &&
                      part->data.data() == first.plane(channels, 0);
    if (!next) return {};
    channels += part->channels;
  }
  return channels_of(first, 0, channels);
}

WindowBatch window_batch_like(const WindowBatch& batch, const Window& window, int64_t channels) {
  WindowBatch result;
  result.window = window;
  result.places = batch.places;
  result.channels = channels;
  result.pool = batch.pool;
  take_data(result);
  return result;
}

}  // namespace hdecomp
