/// Which pixels a sample along one side of a picture is made of, and with which weights.
#pragma once

#include <cstdint>
#include <vector>

#include "hdecomp/preprocess.h"
#include "runtime/image/sampling.h"

namespace hdecomp {

constexpr int fraction_bits = 22;  // of a weight

/// The pixels that one sample is made of, and where its weights begin.
struct FilterSpan {
  int64_t begin, count;
  size_t weights;
};

struct FilterTable {
  std::vector<FilterSpan> spans;
  std::vector<int32_t> weights;  // of a sample: they sum to about 2^22
};

FilterTable table_for(int64_t pixels, const Sampling& sampling, Interpolation interpolation);

/// Whether the samples are the picture's own pixels.
bool only_cuts(const Sampling& sampling);

}  // namespace hdecomp
