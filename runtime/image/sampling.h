/// Samples along one side of a picture.
#pragma once

#include <cstdint>

namespace hdecomp {

/// Which samples to take along one side of a picture. Sample i (from `first` on) is centred at
/// start + (i + 0.5) * step, in pixels of the picture.
struct Sampling {
  double start = 0;   // where sample 0 begins
  double step = 1;    // distance between two samples; above 1 the filter is that much wider
  int64_t first = 0;  // the first sample wanted
  int64_t count = 0;  // how many
};

}  // namespace hdecomp
