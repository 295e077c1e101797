/// Gradients of layer norms inside windows, a row of cells with all its channels at once.
#include <algorithm>
#include <cmath>
#include <vector>

#include "kernels/cell/cell_rows_cpu.h"

namespace hdecomp::cpu {
namespace {

/// One decision's row of cells: what LayerNormRule says, all channels of the row's cells at once.
class NormRow {
 public:
  NormRow(const CellOp& op, const Tensor& feature, const float* scale, int64_t width)
      : op_(op), feature_(feature), scale_(scale), numbers_(4 * width) {}

  void run(const WindowBatch& above, int64_t d, const Place& place, const CellRow& row,
           WindowBatch& below) {
    const int64_t channels = above.channels, n = row.count;
    float *mean = numbers_.data(), *inverse = mean + n, *sum = inverse + n, *with_z = sum + n;
    std::ranges::fill(numbers_, 0.0f);
    const auto x_of = [&](int64_t c) { return feature_plane(feature_, place, c) + row.map; };
    const auto all = static_cast<float>(channels);
    for (int64_t c = 0; c < channels; ++c)
      each(n, [=, x = x_of(c)](int64_t j) { mean[j] += x[j]; });
    each(n, [=](int64_t j) { mean[j] /= all; });
    for (int64_t c = 0; c < channels; ++c) {
      each(n, [=, x = x_of(c)](int64_t j) { inverse[j] += (x[j] - mean[j]) * (x[j] - mean[j]); });
    }
    each(n, [=, this](int64_t j) { inverse[j] = 1 / std::sqrt(inverse[j] / all + op_.epsilon); });
    for (int64_t c = 0; c < channels; ++c) {
      const float* g = above.plane(c, d) + row.above;
      each(n, [=, this, x = x_of(c)](int64_t j) {
        const float scaled = scale_[c] * g[j];
        sum[j] += scaled;
        with_z[j] += scaled * (x[j] - mean[j]) * inverse[j];
      });
    }
    each(n, [=](int64_t j) { sum[j] /= all, with_z[j] /= all; });
    for (int64_t c = 0; c < channels; ++c) {
      const float* g = above.plane(c, d) + row.above;
      float* to = below.plane(c, d) + row.below;
      each(n, [=, this, x = x_of(c)](int64_t j) {
        const float z = (x[j] - mean[j]) * inverse[j];
        to[j] += inverse[j] * (scale_[c] * g[j] - sum[j] - z * with_z[j]);
      });
    }
  }

 private:
  template <class Body>
  static void each(int64_t n, Body body) {
#pragma omp simd
    for (int64_t j = 0; j < n; ++j) body(j);
  }

  const CellOp& op_;
  const Tensor& feature_;
  const float* scale_;
  std::vector<float> numbers_;
};

}  // namespace

void norm_rows_backward(const RowPlanes& planes, const CellOp& op, const Tensor& feature,
                        const Tensor& scale) {
  const WindowBatch& above = planes.above;
  WindowBatch& below = planes.below.batch;
  const auto each_plane = [&](auto body) {
    parallel_for(planes.context, below.channels * below.decisions(),
                 [&](int64_t i) { body(i / below.decisions(), i % below.decisions()); });
  };
  each_plane([&](int64_t c, int64_t d) { begin_plane(planes.below, c, d); });
  parallel_for(planes.context, below.decisions(), [&](int64_t d) {
    const Place& place = below.places[d];
    if (place.image < 0) return;
    NormRow norm(op, feature, scale.data(), std::max(above.window.area(), int64_t{1}));
    for_each_row(above.window, below.window, place,
                 [&](const CellRow& row) { norm.run(above, d, place, row, below); });
  });
  each_plane([&](int64_t c, int64_t d) { mask_plane(planes.below, c, d); });
}

}  // namespace hdecomp::cpu
