/// Fully connected layer on the CPU: dot products forward (one product for variants), oneDNN's
/// sgemm on fixed chunks backward, weights where they lie.
#include <algorithm>

#include "kernels/conv_rows_cpu.h"
#include "kernels/lanes_cpu.h"
#include "kernels/linear.h"
#include "kernels/sgemm_cpu.h"

namespace hdecomp::cpu {
namespace {

// Columns of the weight per task: its extent depends on the layer alone.
constexpr int64_t backward_chunk = 2048;

// Rows of the weight and images whose dot products are computed together: 12 running sums hide the
// latency of the additions and still fit the registers; a lone image is bound by reading the rows.
constexpr int64_t tile_rows = 4, tile_images = 3;

/// Sum over i of the lanes, and of the last products, fewer than there are lanes.
float total(const Lanes& sums, const float* a, const float* b, int64_t left) {
  float each[lanes];
  store_lanes(sums, each);
  for (int64_t j = 0; j < left; ++j) each[j] += a[j] * b[j];
  return sum_of_lanes(load_lanes(each));
}

/// out[r][n] = sum over i of rows[r][i] * x[n][i], each in an order that depends on `count` alone:
/// an image has the same bits in any batch.
template <int R, int N>
void dots(const float* rows, const float* x, int64_t count, float (&out)[tile_rows][tile_images]) {
  Lanes sums[R][N] = {};
  int64_t i = 0;
  for (; i + lanes <= count; i += lanes) {
#pragma GCC unroll 3
    for (int n = 0; n < N; ++n) {
      const Lanes image = load_lanes(x + n * count + i);
#pragma GCC unroll 4
      for (int r = 0; r < R; ++r) sums[r][n] += load_lanes(rows + r * count + i) * image;
    }
  }
  for (int r = 0; r < R; ++r) {
    for (int n = 0; n < N; ++n) {
      out[r][n] = total(sums[r][n], rows + r * count + i, x + n * count + i, count - i);
    }
  }
}

template <int R>
void dots(const float* rows, const float* x, int64_t images, int64_t count,
          float (&out)[tile_rows][tile_images]) {
  if (images == 1) return dots<R, 1>(rows, x, count, out);
  if (images == 2) return dots<R, 2>(rows, x, count, out);
  dots<R, 3>(rows, x, count, out);
}

class LinearCpu final : public Linear {
 public:
  LinearCpu(const Context& context, const LinearSpec& spec, const Tensor& weight,
            const Tensor& bias)
      : Linear(spec), context_(context), weight_(weight), bias_(bias) {}

 private:
  void run_forward(const Tensor& x, Tensor& y) override {
    if (spec().variants && ConvRows::suits(as_conv())) {
      return ConvRows(context_, as_conv(), weight_, bias_).run(x, y);
    }
    const int64_t units = spec().out_units, batch = spec().batch;
    parallel_for(context_, (units + tile_rows - 1) / tile_rows, [&](int64_t task) {
      const int64_t first = task * tile_rows, end = std::min(first + tile_rows, units);
      const int64_t rows = end - first == tile_rows ? tile_rows : 1;
      for (int64_t unit = first; unit < end; unit += rows) {  // read once for all images
        for (int64_t n = 0; n < batch; n += tile_images) {
          run_tile(x, unit, rows, n, std::min(tile_images, batch - n), y);
        }
      }
    });
  }

  /// A unit is a channel of one cell.
  ConvSpec as_conv() const {
    const LinearSpec& s = spec();
    ConvSpec conv{s.batch, s.in_units, 1, 1, s.out_units};
    conv.relu = s.relu;
    return conv;
  }

  void run_tile(const Tensor& x, int64_t unit, int64_t rows, int64_t image, int64_t images,
                Tensor& y) const {
    const LinearSpec& s = spec();
    const float* weight = weight_.data() + unit * s.in_units;
    const float* from = x.data() + image * s.in_units;
    float sums[tile_rows][tile_images];
    if (rows == 1) {
      dots<1>(weight, from, images, s.in_units, sums);
    } else {
      dots<tile_rows>(weight, from, images, s.in_units, sums);
    }
    for (int64_t r = 0; r < rows; ++r) {
      for (int64_t n = 0; n < images; ++n) {
        const float sum = sums[r][n] + bias_.data()[unit + r];
        y.data()[(image + n) * s.out_units + unit + r] = s.relu ? std::max(sum, 0.0f) : sum;
      }
    }
  }

  void run_backward_data(const Tensor& dy, Tensor& dx) override {
    const LinearSpec& s = spec();
    const int64_t chunks = (s.in_units + backward_chunk - 1) / backward_chunk;
    for_each_sgemm(context_, "linear layer", chunks, [&](int64_t task) {
      const int64_t begin = task * backward_chunk;
      return dnnl_sgemm('N', 'N', s.batch, std::min(backward_chunk, s.in_units - begin),
                        s.out_units, 1, dy.data(), s.out_units, weight_.data() + begin, s.in_units,
                        0, dx.data() + begin, s.in_units);
    });
  }

  const Context& context_;
  const Tensor& weight_;
  const Tensor& bias_;
};

}  // namespace

std::unique_ptr<Linear> make_linear(const Context& context, const LinearSpec& spec,
                                    const Tensor& weight, const Tensor& bias) {
  return std::make_unique<LinearCpu>(context, spec, weight, bias);
}

}  // namespace hdecomp::cpu
