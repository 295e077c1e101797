/// A level of decisions with its windows on both sides of a layer, for measuring the window ops.
#pragma once

#include <memory>

#include "bench/kernel_bench.h"
#include "kernels/core/sliding.h"
#include "kernels/window/window_backward.h"

namespace hdecomp {

/// The extents of a level; maps and windows are square.
struct LevelSize {
  int64_t images, per_image;  // decisions per image
  int64_t channels_above, channels_below;
  int64_t above;  // extent of the window above the layer
  int64_t map;    // extent of the map below the layer
  WindowKernel kernel;

  int64_t decisions() const { return images * per_image; }
  int64_t map_above() const { return steps_of_kernel(map, kernel.size, kernel.stride, kernel.pad); }
};

/// All windows lie inside their maps, at random places: every element of them counts.
struct Level {
  PlaceTensor places;
  WindowBatch above, below;  // random gradients above, nothing yet below
  Tensor feature;            // (images, channels_below, map, map)
  int64_t covered = 0;       // cells of the images' maps below that are read, in whole bursts
  int64_t channels = 0;      // distinct channels of the decisions

  /// The layer's gradient goes below, through the feature's ReLU.
  GradientBelow target(Accumulate into = Accumulate::empty) { return {below, into, {&feature}}; }
  /// Of a window batch's gradient.
  double above_bytes() const { return bytes_of(above.data); }
  double below_bytes() const { return bytes_of(below.data); }
  /// Of the features that the windows below cover, in bursts of 64 bytes, each read once.
  double feature_bytes() const { return bytes_of<float>(covered * below.channels); }
};

/// `one_hot`: the decisions' own gradient above, in windows of one cell.
std::shared_ptr<Level> make_level(const Context& context, const LevelSize& size,
                                  bool one_hot = false);

}  // namespace hdecomp
