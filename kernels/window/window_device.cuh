/// The CUDA window ops' common ground: the geometry of windows on the device, and the kernel that
/// fills a batch of windows cell by cell from any source, adds to what is there and masks it.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

#include "kernels/core/context_cuda.h"
#include "kernels/core/cuda_launch.h"
#include "kernels/core/divider.cuh"
#include "kernels/window/window_backward.h"

namespace hdecomp::cuda {

/// WindowAxis in the width that the device computes in.
struct DeviceAxis {
  int stride, offset, size, map;

  __device__ int begin(int position) const { return position * stride - offset; }
};

/// Throws Error where a window's numbers pass 32 bits.
struct DeviceWindow {
  DeviceAxis y, x;
  explicit DeviceWindow(const Window& window);
};

/// Whether windows begin at even cells of the map.
bool begins_even(const WindowAxis& axis);
/// Whether both the `windows` and the `maps` that they lie in may be read and written two
/// neighbours at a time: where rows begin at even addresses and cells and have even lengths, no
/// pair lies half in a window, or half in the map.
bool is_in_pairs(const WindowAxis& x, const float* windows, const float* maps);

/// The cells first ... last of an upper window, on one axis; none if last < first.
struct CellRange {
  int first, last;
};

/// A convolution's or pool's kernel, on either axis.
struct DeviceKernel {
  int size, stride, pad, dilation;
  int extent;  // of the first to the last tap
  Divider by_stride;
  explicit DeviceKernel(const WindowKernel& kernel);

  /// How far the lower map's cell lies behind the begin of the kernel of the upper window's cell 0.
  __device__ int reach(int cell, const DeviceAxis& above, int position) const {
    return cell + pad - above.begin(position) * stride;
  }
  /// The cells of an upper window of `count` whose kernel covers the cell at `reach`; cell i does
  /// so at reach - i * stride from its first tap.
  __device__ CellRange covering(int reach, int count) const {
    if (reach < 0) return {0, -1};
    const int first = reach < extent ? 0 : by_stride.quotient(reach - extent + stride);
    return {first, min(static_cast<int>(by_stride.quotient(reach)), count - 1)};
  }
  /// The tap at a distance from the first one; -1 where there is none.
  __device__ int tap_at(int distance) const {
    if (distance < 0 || distance >= extent) return -1;
    if (dilation == 1) return distance;
    return distance % dilation == 0 ? distance / dilation : -1;
  }
};

/// The channels that a thread works on at a time, where a source does not say otherwise: as many
/// loads in flight, and the work of finding the cell's place is shared by all.
constexpr int channels_at_once = 4;
/// Threads of a block, and how many blocks a multiprocessor is to hold at least: the more, the
/// fewer registers a thread has. With 3 only the max-pool spills a few bytes, with 4 the gather
/// does too.
constexpr int fill_threads = 256, fill_blocks = 3;

/// The windows below of some decisions, for the device: where the values go and how they end.
struct DeviceTarget {
  float* data;            // the first decision's first plane
  const Place* places;    // the first decision's
  const float* feature;   // (B, C, H, W); null: no mask
  int64_t plane;          // h * w
  int64_t channel_step;   // from one channel of `data` to the next: all decisions * h * w
  int64_t feature_plane;  // H * W
  DeviceAxis y, x;
  Divider by_plane, by_width;
  int cells;  // of one channel in these decisions' windows
  int channels;
  Activation activation;  // of the mask
  bool sum, guided;

  /// Decisions [first, first + count). Throws Error where they have 2^31 cells per channel or more.
  DeviceTarget(const GradientBelow& below, int64_t first, int64_t count);
};

/// One cell of one decision's window below, in all channels.
struct Site {
  int decision;            // counted from the target's first
  int image;               // -1: no decision
  int channel;             // the decision's own
  int place_y, place_x;    // the decision's own
  int window_y, window_x;  // in the window
  int map_y, map_x;        // in the lower map
  bool inside;             // whether there is a decision and the cell lies in the map
};

__device__ inline Site site_of(const DeviceTarget& target, uint32_t cell) {
  Site site;
  const uint32_t decision = target.by_plane.quotient(cell);
  const uint32_t within = cell - decision * target.by_plane.divisor;
  const uint32_t row = target.by_width.quotient(within);
  site.decision = static_cast<int>(decision);
  site.window_y = static_cast<int>(row);
  site.window_x = static_cast<int>(within - row * target.by_width.divisor);
  const Place& place = target.places[decision];
  site.image = static_cast<int>(place.image);
  site.channel = static_cast<int>(place.channel);
  site.place_y = static_cast<int>(place.y);
  site.place_x = static_cast<int>(place.x);
  site.map_y = target.y.begin(site.place_y) + site.window_y;
  site.map_x = target.x.begin(site.place_x) + site.window_x;
  site.inside = site.image >= 0 && site.map_y >= 0 && site.map_y < target.y.map &&
                site.map_x >= 0 && site.map_x < target.x.map;
  return site;
}

/// What the target's activation lets through.
__device__ inline float masked(const DeviceTarget& target, float value, float feature) {
  if (!passes(target.activation, feature)) return 0;
  return target.guided && value < 0 ? 0.0f : value;
}

/// What a site's sums are added to and masked with, in up to n channels: asked for before the sums,
/// so that all loads are on their way at a time.
template <int n>
struct SiteHeld {
  float before[n], features[n];

  /// Of the `count` channels from `channel` on; `cell` is the site's.
  __device__ SiteHeld(const DeviceTarget& target, const Site& site, int64_t cell, int channel,
                      int count) {
    const float* from = target.data + channel * target.channel_step + cell;
    for (int q = 0; q < n; ++q) {
      before[q] = target.sum && q < count ? from[q * target.channel_step] : 0.0f;
    }
    const bool mask = target.feature != nullptr && site.inside;
    const int64_t at = (int64_t{site.image} * target.channels + channel) * target.feature_plane +
                       int64_t{site.map_y} * target.x.map + site.map_x;
    for (int q = 0; q < n; ++q) {
      features[q] = mask && q < count ? target.feature[at + q * target.feature_plane] : 0.0f;
    }
  }
};

/// Puts the sums of one site in the `count` channels from `channel` on where they belong. A cell
/// outside the map or without a decision is zero: written where nothing was, else left.
template <int n>
__device__ void put(const DeviceTarget& target, const Site& site, int64_t cell, int channel,
                    int count, const SiteHeld<n>& held, const float (&sums)[n]) {
  float* to = target.data + channel * target.channel_step + cell;
  const bool mask = target.feature != nullptr && site.inside;
  for (int q = 0; q < n; ++q) {
    const float value = held.before[q] + sums[q];
    if (q >= count) continue;
    to[q * target.channel_step] = mask ? masked(target, value, held.features[q]) : value;
  }
}

/// below (C, D, h, w) = or += what source.add(site, channels, sums) adds for each cell inside the
/// map in Source::at_once channels, masked. Threads lie along (D, h, w) on x; on y are the
/// channels.
template <class Source>
__global__ void __launch_bounds__(fill_threads, fill_blocks)
    fill_windows(const DeviceTarget target, const Source source) {
  const uint32_t cell = blockIdx.x * blockDim.x + threadIdx.x;
  if (cell >= static_cast<uint32_t>(target.cells)) return;
  constexpr int n = Source::at_once;
  const Site site = site_of(target, cell);
  const int step = static_cast<int>(gridDim.y * blockDim.y) * n;
  int channel = static_cast<int>(blockIdx.y * blockDim.y + threadIdx.y) * n;
  for (; channel < target.channels; channel += step) {
    const int count = min(target.channels - channel, n);
    const SiteHeld<n> held(target, site, cell, channel, count);
    float sums[n] = {};
    if (site.inside) {
      int channels[n];  // beyond the last the last again: read, but not written
      for (int q = 0; q < n; ++q) channels[q] = channel + min(q, count - 1);
      source.add(site, channels, sums);
    }
    put(target, site, cell, channel, count, held, sums);
  }
}

/// The launch of `cells` threads that take some channels each, `at_once` at a time.
Grid grid_of(int cells, int channels, int at_once);

template <class Source>
void launch_fill(const Context& context, const char* name, const DeviceTarget& target,
                 const Source& source) {
  launch(context.cuda().stream(), name, fill_windows<Source>,
         grid_of(target.cells, target.channels, Source::at_once), target, source);
}

/// Puts gradients that are there already through the target's mask, if it has one.
void mask_windows(const Context& context, const GradientBelow& below);

}  // namespace hdecomp::cuda
