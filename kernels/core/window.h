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

/// A kernel (convolution or pooling) on one axis: `size` taps, `dilation` cells apart. What is
/// padded behind the map plays no part in windows.
struct WindowKernel {
  int64_t size = 1, stride = 1, pad = 0, dilation = 1;

  /// Of the first to the last tap.
  int64_t extent() const { return (size - 1) * dilation + 1; }
  bool operator==(const WindowKernel&) const = default;
};

/// On both axes; of a square kernel both are the same.
struct WindowKernels {
  WindowKernel y, x;

  WindowKernels() = default;
  WindowKernels(const WindowKernel& both) : y(both), x(both) {}
  WindowKernels(const WindowKernel& on_y, const WindowKernel& on_x) : y(on_y), x(on_x) {}

  int64_t taps() const { return y.size * x.size; }
  /// One tap that stays where it is.
  bool is_identity() const { return *this == WindowKernels(); }
  bool operator==(const WindowKernels&) const = default;
};

/// The decision itself: 1 x 1, in a map of height x width.
Window window_at_decision(int64_t height, int64_t width);

/// The whole of a height x width map.
Window whole_window(int64_t height, int64_t width);

/// The window below a kernel whose output window is `above`; the lower map is height x width. An
/// output window (o, n) reaches (o * stride - pad, (n - 1) * stride + extent).
Window window_below(const Window& above, const WindowKernels& kernels, int64_t height,
                    int64_t width);

/// The smallest window that holds both: where two branches join again. Windows of unequal stride
/// move apart from decision to decision: the whole map. Both must be of the same map.
Window united(const Window& a, const Window& b);

}  // namespace hdecomp
