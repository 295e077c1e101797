/// Making window batches.
#include "kernels/window/window_batch.h"

namespace hdecomp {

void take_data(WindowBatch& batch) {
  const Shape shape{batch.channels, batch.decisions(), batch.window.y.size, batch.window.x.size};
  batch.data = take_tensor<float>(*batch.pool, shape);
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
