/// Making window batches.
#include "kernels/window_batch.h"

namespace hdecomp {

void take_data(WindowBatch& batch) {
  const Shape shape{batch.channels, batch.decisions(), batch.window.y.size, batch.window.x.size};
  const int64_t bytes = shape.elements() * static_cast<int64_t>(sizeof(float));
  batch.data = Tensor(batch.pool->device(), shape, batch.pool->take(bytes));
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
