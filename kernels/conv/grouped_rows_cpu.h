/// The inner loops of grouped convolutions over maps whose channels lie last, for AVX-512: sixteen
/// output channels of some cells of a row at a time.
#pragma once

#include <cstdint>

#include "kernels/core/activation.h"

namespace hdecomp::cpu::grouped_rows {

constexpr int64_t lanes = 16;  // output channels at once: of some groups, or a part of one
constexpr int64_t cells = 8;   // of a row at once, at most
constexpr int64_t most_group = 64;

/// What sixteen output channels read of a map (height, width, channels).
struct Channels {
  const float* map;  // cell (0, 0), their groups' first channel
  int64_t width, channels;
  const float* weights;  // (kernel_h, kernel_w, group, lanes)
  int64_t group;         // channels of a group: 4, 8, or whole vectors, at most most_group
  int64_t kernel_w, stride;
  const float* bias;  // of the lanes
  Activation activation;
};

/// Neighbours in a row of outputs.
struct Row {
  int64_t y, taps;        // the first input row that the kernel reads inside of the map; how many
  int64_t first_tap;      // which of the kernel's rows reads that
  int64_t x;              // the input column of the first cell's first tap; may lie outside
  int64_t count;          // 1 to `cells`
  float* to;              // the first cell's lanes; the others' `step` floats apart
  int64_t step, skipped;  // so many lanes, fours, are left to the vector before
};

void run(const Channels& channels, const Row& row);

}  // namespace hdecomp::cpu::grouped_rows
