/// Window geometry made ready for the device, and the mask alone.
#include <algorithm>

#include "kernels/core/quads_device.cuh"
#include "kernels/core/to_int.h"
#include "kernels/window/window_device.cuh"

namespace hdecomp::cuda {
namespace {

DeviceAxis device_axis(const WindowAxis& axis) {
  return {to_int(axis.stride), to_int(axis.offset), to_int(axis.size), to_int(axis.map)};
}

/// Adds nothing: what is there goes through the mask.
struct Nothing {
  static constexpr int at_once = channels_at_once;
  __device__ void add(const Site&, const int (&)[channels_at_once],
                      float (&)[channels_at_once]) const {}
};

/// Blocks enough to fill any GPU several times over; beyond that a thread takes more channels, and
/// finds its place only once.
constexpr int64_t enough_blocks = 4096;

}  // namespace

bool begins_even(const WindowAxis& axis) { return axis.stride % 2 == 0 && axis.offset % 2 == 0; }

bool is_in_pairs(const WindowAxis& x, const float* windows, const float* maps) {
  return begins_even(x) && x.size % 2 == 0 && x.map % 2 == 0 && is_aligned(windows, 2) &&
         is_aligned(maps, 2);
}

DeviceWindow::DeviceWindow(const Window& window)
    : y(device_axis(window.y)), x(device_axis(window.x)) {}

DeviceKernel::DeviceKernel(const WindowKernel& kernel)
    : size(to_int(kernel.size)),
      stride(to_int(kernel.stride)),
      pad(to_int(kernel.pad)),
      dilation(to_int(kernel.dilation)),
      extent(to_int(kernel.extent())),
      by_stride(Divider::by(stride)) {}

DeviceTarget::DeviceTarget(const GradientBelow& below, int64_t first, int64_t count)
    : data(below.batch.data.data() + first * below.batch.window.area()),
      places(below.batch.places.data() + first),
      feature(below.mask.feature == nullptr ? nullptr : below.mask.feature->data()),
      plane(below.batch.window.area()),
      channel_step(below.batch.decisions() * plane),
      feature_plane(to_int(below.batch.window.y.map * below.batch.window.x.map)),
      y(device_axis(below.batch.window.y)),
      x(device_axis(below.batch.window.x)),
      by_plane(Divider::by(plane)),
      by_width(Divider::by(x.size)),
      cells(to_int(count * plane)),
      channels(to_int(below.batch.channels)),
      activation(below.mask.activation),
      sum(below.into == Accumulate::sum),
      guided(below.mask.rule == ReluRule::guided) {}

Grid grid_of(int cells, int channels, int at_once) {
  if (cells == 0 || channels == 0) return {dim3(0), dim3(0)};
  const int across = std::min(fill_threads, (cells + 31) / 32 * 32);
  const int down = fill_threads / across;
  const int64_t blocks = (int64_t{cells} + across - 1) / across;
  const int64_t groups = (channels + at_once - 1) / at_once;
  const int64_t rows = std::clamp<int64_t>(enough_blocks / blocks, 1, (groups + down - 1) / down);
  return {dim3(static_cast<unsigned>(blocks), static_cast<unsigned>(rows)),
          dim3(static_cast<unsigned>(across), static_cast<unsigned>(down))};
}

void mask_windows(const Context& context, const GradientBelow& below) {
  if (below.mask.feature == nullptr) return;
  const GradientBelow there{below.batch, Accumulate::sum, below.mask};
  launch_fill(context, "mask_windows", DeviceTarget(there, 0, below.batch.decisions()), Nothing{});
}

}  // namespace hdecomp::cuda
