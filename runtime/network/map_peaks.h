/// The maximum of every channel of a feature map, and its place.
#pragma once

#include <cstdint>
#include <vector>

#include "runtime/network/executor.h"

namespace hdecomp {

struct MapPeak {
  float value = 0;
  int64_t y = 0, x = 0;  // the first such place, row by row
};

/// Of each channel of one image's map, (1, channels, height, width) on the host.
std::vector<MapPeak> map_peaks(const Context& context, const Tensor& map);
/// The same of an image's map of a node, after the executor's forward().
std::vector<MapPeak> map_peaks(const Context& context, const Executor& executor, int node,
                               int64_t image);

}  // namespace hdecomp
