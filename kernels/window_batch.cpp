/// Making window batches.
#include "kernels/window_batch.h"

namespace hdecomp {

WindowBatch window_batch_like(const WindowBatch& batch, const Window& window, int64_t channels) {
  WindowBatch result;
  result.window = window;
  result.places = batch.places;
  result.channels = channels;
  result.data =
      Tensor(batch.data.device(), {channels, batch.decisions(), window.y.size, window.x.size});
  return result;
}

}  // namespace hdecomp
