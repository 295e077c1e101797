/// Ranks, windows and histograms of maps.
#include "runtime/experiments/map_similarity.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>

#include "hdecomp/error.h"
#include "weights/file/finite.h"

namespace hdecomp {
namespace {

constexpr double none = std::numeric_limits<double>::quiet_NaN();

bool all_finite(std::span<const float> values) { return first_not_finite(values) < 0; }

/// Whole numbers in the order of finite values, the same for 0 and -0.
uint32_t rising(float value) {
  const auto bits = std::bit_cast<uint32_t>(value + 0.0f);
  return (bits & 0x80000000u) != 0 ? ~bits : bits | 0x80000000u;
}

/// Divided by the largest magnitude; nothing of a map of zeros.
std::vector<double> scaled(std::span<const float> map) {
  double largest = 0;
  for (const float value : map) largest = std::max(largest, std::abs(double{value}));
  std::vector<double> unit;
  if (largest == 0) return unit;
  for (const float value : map) unit.push_back(value / largest);
  return unit;
}

/// Sums of a x b over every window of a map, by a table of the sums above and left of each cell.
class WindowSums {
 public:
  WindowSums(std::span<const double> a, std::span<const double> b, int64_t height, int64_t width)
      : stride_(width + 1), sums_((height + 1) * (width + 1)) {
    for (int64_t y = 0; y < height; ++y) {
      double row = 0;
      for (int64_t x = 0; x < width; ++x) {
        row += a[y * width + x] * (b.empty() ? 1.0 : b[y * width + x]);
        sums_[(y + 1) * stride_ + x + 1] = sums_[y * stride_ + x + 1] + row;
      }
    }
  }
  double at(int64_t y, int64_t x, int64_t side) const {
    const double* top = sums_.data() + y * stride_ + x;
    const double* bottom = top + side * stride_;
    return bottom[side] - bottom[0] - top[side] + top[0];
  }

 private:
  int64_t stride_;
  std::vector<double> sums_;
};

}  // namespace

std::vector<double> ranks_of(std::span<const float> values) {
  if (!all_finite(values)) return {};
  std::vector<uint64_t> order(values.size());  // by value, its place behind it
  for (size_t i = 0; i < values.size(); ++i) order[i] = uint64_t{rising(values[i])} << 32 | i;
  std::ranges::sort(order);
  std::vector<double> ranks(values.size());
  for (size_t begin = 0; begin < order.size();) {
    size_t end = begin + 1;
    while (end < order.size() && order[end] >> 32 == order[begin] >> 32) ++end;
    const double rank = 0.5 * static_cast<double>(begin + 1 + end);
    for (size_t i = begin; i < end; ++i) ranks[static_cast<uint32_t>(order[i])] = rank;
    begin = end;
  }
  return ranks;
}

double rank_correlation(std::span<const double> a, std::span<const double> b) {
  if (a.empty() || b.empty()) return none;
  const auto n = static_cast<double>(a.size());
  const double mean_a = std::accumulate(a.begin(), a.end(), 0.0) / n;
  const double mean_b = std::accumulate(b.begin(), b.end(), 0.0) / n;
  double both = 0, own_a = 0, own_b = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    both += (a[i] - mean_a) * (b[i] - mean_b);
    own_a += (a[i] - mean_a) * (a[i] - mean_a);
    own_b += (b[i] - mean_b) * (b[i] - mean_b);
  }
  if (own_a == 0 || own_b == 0) return none;
  return std::clamp(both / std::sqrt(own_a * own_b), -1.0, 1.0);
}

double spearman(std::span<const float> a, std::span<const float> b) {
  if (a.size() != b.size()) throw Error(joined("maps of ", a.size(), " and ", b.size(), " cells"));
  return rank_correlation(ranks_of(a), ranks_of(b));
}

double ssim(std::span<const float> a, std::span<const float> b, int64_t height, int64_t width,
            double range) {
  constexpr int64_t side = 7, cells = side * side;
  if (a.size() != b.size() || std::ssize(a) != height * width) {
    throw Error(
        joined("maps of ", a.size(), " and ", b.size(), " cells, not ", height, " x ", width));
  }
  if (height < side || width < side || !all_finite(a) || !all_finite(b)) return none;
  const std::vector<double> u = scaled(a), v = scaled(b);
  if (u.empty() || v.empty()) return none;
  const WindowSums sum_u(u, {}, height, width), sum_v(v, {}, height, width),
      sum_uu(u, u, height, width), sum_vv(v, v, height, width), sum_uv(u, v, height, width);
  const double c1 = std::pow(0.01 * range, 2), c2 = std::pow(0.03 * range, 2);
  double total = 0;
  for (int64_t y = 0; y + side <= height; ++y) {
    for (int64_t x = 0; x + side <= width; ++x) {
      const auto mean = [&](const WindowSums& sums) { return sums.at(y, x, side) / cells; };
      const double m = mean(sum_u), n = mean(sum_v);
      constexpr double sample = double{cells} / (cells - 1);
      const double variance_u = sample * (mean(sum_uu) - m * m);
      const double variance_v = sample * (mean(sum_vv) - n * n);
      const double covariance = sample * (mean(sum_uv) - m * n);
      total += (2 * m * n + c1) * (2 * covariance + c2) /
               ((m * m + n * n + c1) * (variance_u + variance_v + c2));
    }
  }
  return total / static_cast<double>((height - side + 1) * (width - side + 1));
}

double histogram_entropy(std::span<const float> map) {
  if (map.empty() || !all_finite(map)) return none;
  constexpr int64_t bins = 100;
  const auto [least, largest] = std::ranges::minmax(map);
  if (least == largest) return 0;
  std::array<int64_t, bins> counts{};
  const double width = (double{largest} - double{least}) / bins;
  for (const float value : map) {
    const auto bin = static_cast<int64_t>((double{value} - double{least}) / width);
    ++counts[std::clamp<int64_t>(bin, 0, bins - 1)];
  }
  double entropy = 0;
  for (const int64_t count : counts) {
    if (count == 0) continue;
    const double share = static_cast<double>(count) / static_cast<double>(map.size());
    entropy -= share * std::log(share);
  }
  return entropy;
}

std::vector<float> edge_map(std::span<const float> image, int64_t channels, int64_t height,
                            int64_t width) {
  std::vector<double> grey(height * width);
  for (size_t i = 0; i < image.size(); ++i) {
    grey[i % grey.size()] += image[i] / static_cast<double>(channels);
  }
  const auto at = [&](int64_t y, int64_t x) {
    return grey[std::clamp<int64_t>(y, 0, height - 1) * width +
                std::clamp<int64_t>(x, 0, width - 1)];
  };
  std::vector<float> edges;
  for (int64_t y = 0; y < height; ++y) {
    for (int64_t x = 0; x < width; ++x) {
      const double across = at(y - 1, x + 1) + 2 * at(y, x + 1) + at(y + 1, x + 1) -
                            at(y - 1, x - 1) - 2 * at(y, x - 1) - at(y + 1, x - 1);
      const double down = at(y + 1, x - 1) + 2 * at(y + 1, x) + at(y + 1, x + 1) -
                          at(y - 1, x - 1) - 2 * at(y - 1, x) - at(y - 1, x + 1);
      edges.push_back(static_cast<float>(std::hypot(across, down)));
    }
  }
  return edges;
}

}  // namespace hdecomp
