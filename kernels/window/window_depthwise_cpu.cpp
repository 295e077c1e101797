/// The window backward of convolutions with a group per input channel, on the CPU: no product, each
/// plane below adds up its own few planes above, tap by tap.
#include "kernels/window/window_depthwise_cpu.h"

#include <vector>

#include "kernels/window/window_cells_cpu.h"

namespace hdecomp::cpu {
namespace {

/// On one axis what each tap carries where, decision by decision: the same for all channels.
std::vector<TapSpan> tap_spans(const WindowAxis& above, const WindowAxis& below,
                               const WindowKernel& kernel, std::span<const Place> places,
                               int64_t Place::*axis) {
  std::vector<TapSpan> spans;
  spans.reserve(places.size() * kernel.size);
  for (const Place& place : places) {
    for (int64_t tap = 0; tap < kernel.size; ++tap) {
      spans.push_back(tap_span(above, below, kernel, tap, place.*axis));
    }
  }
  return spans;
}

}  // namespace

void depthwise_window_backward(const Context& context, const Tensor& weight,
                               const WindowKernels& kernel, const WindowBatch& above,
                               const GradientBelow& below) {
  const int64_t outputs = above.channels / below.batch.channels;
  const Window& window = below.batch.window;
  const std::vector<TapSpan> rows =
      tap_spans(above.window.y, window.y, kernel.y, above.places, &Place::y);
  const std::vector<TapSpan> columns =
      tap_spans(above.window.x, window.x, kernel.x, above.places, &Place::x);
  for_each_plane_below(context, below, [&](int64_t c, int64_t d, const Place&) {
    float* to = below.batch.plane(c, d);
    for (int64_t k = c * outputs; k < (c + 1) * outputs; ++k) {
      float single = 0;
      const float* from = plane_or(above, k, d, single);
      if (above.one_hot && single == 0) continue;
      const float* w = weight.data() + k * kernel.taps();
      for (int64_t y = 0; y < kernel.y.size; ++y) {
        for (int64_t x = 0; x < kernel.x.size; ++x) {
          add_tap(kernel, above.window, window, rows[d * kernel.y.size + y],
                  columns[d * kernel.x.size + x], from, to,
                  [factor = *w++](float value) { return factor * value; });
        }
      }
    }
  });
}

}  // namespace hdecomp::cpu
