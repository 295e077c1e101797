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
