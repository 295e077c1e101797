/// PIL's filters in fixed point, to the bits of its tables.
#include "runtime/image/filter_table.h"

#include <algorithm>
#include <cmath>

namespace hdecomp {
namespace {

/// A product that the compiler can't fuse into the sum that follows: a fused one rounds differently
/// from PIL.
double rounded(double product) {
  const volatile double stored = product;
  return stored;
}

double triangle(double distance) { return distance < 1.0 ? 1.0 - distance : 0.0; }

/// Keys's cubic convolution with a = -0.5 (IEEE ASSP 29, 1981, eq. 15), in PIL's order of
/// operations.
double cubic(double x) {
  constexpr double a = -0.5;
  if (x < 1.0) return rounded(rounded((rounded((a + 2.0) * x) - (a + 3.0)) * x) * x) + 1.0;
  if (x < 2.0) return (rounded((rounded((x - 5.0) * x) + 8.0) * x) - 4.0) * a;
  return 0.0;
}

/// A weight in fixed point, half rounded away from zero.
int32_t fixed(double weight) {
  return static_cast<int32_t>((weight < 0 ? -0.5 : 0.5) + rounded(weight * (1 << fraction_bits)));
}

FilterTable make_table(int64_t pixels, const Sampling& sampling, Interpolation interpolation) {
  const bool is_cubic = interpolation == Interpolation::bicubic;
  const double scale = std::max(sampling.step, 1.0);    // the filter's, in pixels
  const double width = (is_cubic ? 2.0 : 1.0) * scale;  // from its middle to its end
  const double per_pixel = 1.0 / scale;
  FilterTable table;
  std::vector<double> exact;
  for (int64_t i = 0; i < sampling.count; ++i) {
    const auto sample = static_cast<double>(sampling.first + i);
    const double centre = sampling.start + rounded((sample + 0.5) * sampling.step);
    const int64_t begin = std::max<int64_t>(static_cast<int64_t>(centre - width + 0.5), 0);
    const int64_t end = std::min(static_cast<int64_t>(centre + width + 0.5), pixels);
    exact.clear();
    double sum = 0;
    for (int64_t x = begin; x < end; ++x) {
      const double distance =
          std::abs(rounded((static_cast<double>(x) - centre + 0.5) * per_pixel));
      exact.push_back(is_cubic ? cubic(distance) : triangle(distance));
      sum += exact.back();
    }
    table.spans.push_back({begin, end - begin, table.weights.size()});
    for (const double weight : exact) {
      table.weights.push_back(fixed(weight / sum));
    }
  }
  return table;
}

/// One pixel, whole, for each sample.
FilterTable make_cut(const Sampling& sampling) {
  FilterTable table;
  table.weights.push_back(1 << fraction_bits);
  for (int64_t i = 0; i < sampling.count; ++i) table.spans.push_back({sampling.first + i, 1, 0});
  return table;
}

/// The pixel that each sample's centre lies in. PIL adds step to step, and so rounds as often.
FilterTable make_nearest(int64_t pixels, const Sampling& sampling) {
  FilterTable table;
  table.weights.push_back(1 << fraction_bits);
  double centre = sampling.start + rounded(sampling.step * 0.5);
  for (int64_t i = 0; i < sampling.first; ++i) centre += sampling.step;
  for (int64_t i = 0; i < sampling.count; ++i, centre += sampling.step) {
    table.spans.push_back({std::clamp<int64_t>(static_cast<int64_t>(centre), 0, pixels - 1), 1, 0});
  }
  return table;
}

}  // namespace

bool only_cuts(const Sampling& sampling) { return sampling.step == 1.0 && sampling.start == 0.0; }

FilterTable table_for(int64_t pixels, const Sampling& sampling, Interpolation interpolation) {
  if (only_cuts(sampling)) return make_cut(sampling);
  if (interpolation == Interpolation::nearest) return make_nearest(pixels, sampling);
  return make_table(pixels, sampling, interpolation);
}

}  // namespace hdecomp
