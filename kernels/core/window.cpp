/// The arithmetic of windows.
#include "kernels/core/window.h"

#include <algorithm>

#include "hdecomp/error.h"

namespace hdecomp {
namespace {

WindowAxis axis_below(const WindowAxis& above, const WindowKernel& kernel, int64_t map) {
  return {above.stride * kernel.stride, above.offset * kernel.stride + kernel.pad,
          (above.size - 1) * kernel.stride + kernel.extent(), map};
}

WindowAxis axis_of_both(const WindowAxis& a, const WindowAxis& b) {
  const int64_t offset = std::max(a.offset, b.offset);
  const int64_t end = std::max(a.size - a.offset, b.size - b.offset);
  return {a.stride, offset, offset + end, a.map};
}

/// The window, or the whole map if it is as large on either axis.
Window whole_if_large(const Window& window) {
  if (window.y.size < window.y.map && window.x.size < window.x.map) return window;
  return whole_window(window.y.map, window.x.map);
}

}  // namespace

Window window_at_decision(int64_t height, int64_t width) {
  if (height == 1 && width == 1) return whole_window(1, 1);
  return {{1, 0, 1, height}, {1, 0, 1, width}};
}

Window whole_window(int64_t height, int64_t width) {
  return {{0, 0, height, height}, {0, 0, width, width}};
}

Window window_below(const Window& above, const WindowKernels& kernels, int64_t height,
                    int64_t width) {
  if (above.whole()) return whole_window(height, width);
  return whole_if_large(
      {axis_below(above.y, kernels.y, height), axis_below(above.x, kernels.x, width)});
}

Window united(const Window& a, const Window& b) {
  if (a.y.map != b.y.map || a.x.map != b.x.map) throw Error("united: windows of two maps");
  const bool in_step = a.y.stride == b.y.stride && a.x.stride == b.x.stride;
  if (a.whole() || b.whole() || !in_step) return whole_window(a.y.map, a.x.map);
  return whole_if_large({axis_of_both(a.y, b.y), axis_of_both(a.x, b.x)});
}

}  // namespace hdecomp
