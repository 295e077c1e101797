/// The window backward of convolutions with a group per input channel, on the CPU: no product, each
/// plane below adds up its own few planes above, tap by tap.
#include "kernels/window/window_depthwise_cpu.h"
#include "kernels/window/window_cells_cpu.h"

namespace hdecomp::cpu {

void depthwise_window_backward(const Context& context, const Tensor& weight,
                               const WindowKernels& kernel, const WindowBatch& above,
                               const GradientBelow& below) {
  const int64_t taps = kernel.taps(), outputs = above.channels / below.batch.channels;
  for_each_plane_below(context, below, [&](int64_t c, int64_t d, const Place& place) {
    float* to = below.batch.plane(c, d);
    for (int64_t k = c * outputs; k < (c + 1) * outputs; ++k) {
      float single = 0;
      const float* from = plane_or(above, k, d, single);
      if (above.one_hot && single == 0) continue;
      const float* w = weight.data() + k * taps;
      for (int64_t tap = 0; tap < taps; ++tap) {
        add_tap(kernel, above.window, below.batch.window, tap, place, from, to,
                [factor = w[tap]](float value) { return factor * value; });
      }
    }
  });
}

}  // namespace hdecomp::cpu
