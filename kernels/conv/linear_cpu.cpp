/// Fully connected layer on the CPU: dot products forward (one product for variants), backward sums
/// of rows, weights where they lie.
#include <algorithm>
#include <array>
#include <vector>

#include "kernels/conv/conv_rows_cpu.h"
#include "kernels/conv/linear.h"
#include "kernels/core/parallel.h"
#include "kernels/loops/pieces.h"
#include "kernels/product/dots_cpu.h"
#include "kernels/product/narrow_weights_cpu.h"

namespace hdecomp::cpu {
namespace {

// Columns of the weight per task of the way back: some images' sums of them stay in the first
// cache.
constexpr int64_t backward_chunk = 512;
// Rows of the weight that are added at a time.
constexpr size_t backward_rows = 4;

// Rows of the weight and images whose dot products are computed together: 12 running sums hide the
// latency of the additions and still fit the registers; a lone image is bound by reading the rows.
constexpr int64_t tile_rows = 4, tile_images = 3;

using Tile = float[tile_rows][tile_images];

/// An image has the same bits in any batch.
template <int R, class Number>
void tile_dots(const Number* rows, const float* x, int64_t images, int64_t count, Tile& tile) {
  const auto out = [&](int r, int n) -> float& { return tile[r][n]; };
  if (images == 1) return dots<R, 1>(rows, count, x, count, out);
  if (images == 2) return dots<R, 2>(rows, count, x, count, out);
  dots<R, 3>(rows, count, x, count, out);
}

class LinearCpu final : public Linear {
 public:
  LinearCpu(const Context& context, const LinearSpec& spec, const Tensor& weight,
            const Tensor& bias)
      : Linear(spec),
        context_(context),
        weight_(weight),
        narrow_(find_narrow(context, weight)),
        bias_(bias) {}

 private:
  void run_forward(const Tensor& x, Tensor& y) override {
    if (spec().variants && ConvRows::suits(as_conv())) {
      return ConvRows(context_, as_conv(), weight_, bias_).run(x, y);
    }
    with_numbers(weight_, narrow_, [&](const auto* weight) { run_dots(weight, x, y); });
  }

  template <class Number>
  void run_dots(const Number* weight, const Tensor& x, Tensor& y) const {
    const int64_t units = spec().out_units, batch = spec().batch;
    parallel_for(context_, pieces(units, tile_rows), [&](int64_t task) {
      const int64_t first = task * tile_rows, end = std::min(first + tile_rows, units);
      const int64_t rows = end - first == tile_rows ? tile_rows : 1;
      for (int64_t unit = first; unit < end; unit += rows) {  // read once for all images
        for (int64_t n = 0; n < batch; n += tile_images) {
          run_tile(weight, x, unit, rows, n, std::min(tile_images, batch - n), y);
        }
      }
    });
  }

  /// A unit is a channel of one cell.
  ConvSpec as_conv() const {
    const LinearSpec& s = spec();
    ConvSpec conv{s.batch, s.in_units, 1, 1, s.out_units};
    conv.activation = s.activation;
    return conv;
  }

  template <class Number>
  void run_tile(const Number* all, const Tensor& x, int64_t unit, int64_t rows, int64_t image,
                int64_t images, Tensor& y) const {
    const LinearSpec& s = spec();
    const Number* weight = all + unit * s.in_units;
    const float* from = x.data() + image * s.in_units;
    Tile sums;
    if (rows == 1) {
      tile_dots<1>(weight, from, images, s.in_units, sums);
    } else {
      tile_dots<tile_rows>(weight, from, images, s.in_units, sums);
    }
    for (int64_t r = 0; r < rows; ++r) {
      for (int64_t n = 0; n < images; ++n) {
        const float sum = sums[r][n] + bias_.data()[unit + r];
        y.data()[(image + n) * s.out_units + unit + r] = activated(s.activation, sum);
      }
    }
  }

  void run_backward_data(const Tensor& dy, Tensor& dx) override {
    with_numbers(weight_, narrow_, [&](const auto* weight) { run_rows(weight, dy, dx); });
  }

  template <class Number>
  void run_rows(const Number* weight, const Tensor& dy, Tensor& dx) const {
    const LinearSpec& s = spec();
    const std::vector<int64_t> units = units_with_gradient(dy);
    parallel_for(context_, pieces(s.in_units, backward_chunk), [&](int64_t task) {
      const int64_t begin = task * backward_chunk;
      const int64_t count = std::min(backward_chunk, s.in_units - begin);
      for (int64_t n = 0; n < s.batch; ++n) {
        std::fill_n(dx.data() + n * s.in_units + begin, count, 0.0f);
      }
      size_t next = 0;
      for (; next + backward_rows <= units.size(); next += backward_rows) {
        add_rows<backward_rows>(weight, dy, units.data() + next, begin, count, dx);
      }
      for (; next < units.size(); ++next) {
        add_rows<1>(weight, dy, units.data() + next, begin, count, dx);
      }
    });
  }

  /// The units that any image's gradient passes: a ReLU's zeros are left out, and their rows of the
  /// weight never read.
  std::vector<int64_t> units_with_gradient(const Tensor& dy) const {
    const int64_t all = spec().out_units;
    std::vector<int64_t> units;
    for (int64_t unit = 0; unit < all; ++unit) {
      bool any = false;
      for (int64_t n = 0; n < spec().batch; ++n) any |= dy.data()[n * all + unit] != 0;
      if (any) units.push_back(unit);
    }
    return units;
  }

  /// dx(n, i) += dy(n, unit) weight(unit, i) of R units for columns [begin, begin + count) of every
  /// image. One addition after another in the units' order, so that an image has the same bits in
  /// any batch, where units are among others that are zero for it.
  template <size_t R, class Number>
  void add_rows(const Number* weight, const Tensor& dy, const int64_t* units, int64_t begin,
                int64_t count, Tensor& dx) const {
    const LinearSpec& s = spec();
    std::array<const Number*, R> rows;
    for (size_t r = 0; r < R; ++r) rows[r] = weight + units[r] * s.in_units + begin;
    for (int64_t n = 0; n < s.batch; ++n) {
      std::array<float, R> factors;
      for (size_t r = 0; r < R; ++r) factors[r] = dy.data()[n * s.out_units + units[r]];
      float* to = dx.data() + n * s.in_units + begin;
#pragma omp simd
      for (int64_t i = 0; i < count; ++i) {
        float sum = to[i];
        for (size_t r = 0; r < R; ++r) sum += factors[r] * rows[r][i];
        to[i] = sum;
      }
    }
  }

  const Context& context_;
  const Tensor& weight_;
  const Bf16* narrow_;  // of the weight; or null
  const Tensor& bias_;
};

}  // namespace

std::unique_ptr<Linear> make_linear(const Context& context, const LinearSpec& spec,
                                    const Tensor& weight, const Tensor& bias) {
  return std::make_unique<LinearCpu>(context, spec, weight, bias);
}

}  // namespace hdecomp::cpu
