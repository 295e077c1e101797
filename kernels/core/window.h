/// Windows: the rectangles of a map that one neuron's gradient can reach. Integers alone, no
/// tensors.
#pragma once

#include <cstdint>

namespace hdecomp {

/// One axis of a window: it begins at position * stride - offset (which may lie outside the map)
/// and is `size` long, where `position` is the decision's place in its own layer.
struct WindowAxis {
  int64_t stride = 1, offset = 0, size = 1;
  int64_t map = 1;  // the map's extent on this axis

  int64_t begin(int64_t position) const { return position * stride - offset; }
  bool operator==(const WindowAxis&) const = default;
};

/// The window of a layer's map that decisions of some upper layer reach; the same for all decisions
/// but for where it begins. A window that would be as large as the map is the whole map, beginning
/// at 0.
struct Window {
  WindowAxis y, x;

  bool whole() const { return y.stride == 0; }
  int64_t area() const { return y.size * x.size; }
  bool operator==(const Window&) const = default;
};

/// A kernel (convolution or pooling) of a given size, stride and zero padding, on both axes.
struct WindowKernel {
  int64_t size = 1, stride = 1, pad = 0;
};

/// The decision itself: 1 x 1, in a map of height x width.
Window window_at_decision(int64_t height, int64_t width);

/// The whole of a height x width map.
Window whole_window(int64_t height, int64_t width);

/// The window below a kernel whose output window is `above`; the lower map is height x width. An
/// output window (o, n) reaches (o * stride - pad, (n - 1) * stride + size).
Window window_below(const Window& above, const WindowKernel& kernel, int64_t height, int64_t width);

/// The smallest window that holds both: where two branches join again. Windows of unequal stride
/// move apart from decision to decision: the whole map. Both must be of the same map.
Window united(const Window& a, const Window& b);

}  // namespace hdecomp
