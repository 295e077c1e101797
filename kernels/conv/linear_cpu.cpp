/// Fully connected layer on the CPU: dot products forward (one product for variants), oneDNN's
/// sgemm on fixed chunks backward, weights where they lie.
#include <algorithm>

#include "kernels/conv/conv_rows_cpu.h"
#include "kernels/conv/linear.h"
#include "kernels/core/pieces.h"
#include "kernels/product/dots_cpu.h"
#include "kernels/product/sgemm_cpu.h"

namespace hdecomp::cpu {
namespace {

// Columns of the weight per task: its extent depends on the layer alone.
constexpr int64_t backward_chunk = 2048;

// Rows of the weight and images whose dot products are computed together: 12 running sums hide the
// latency of the additions and still fit the registers; a lone image is bound by reading the rows.
constexpr int64_t tile_rows = 4, tile_images = 3;

using Tile = float[tile_rows][tile_images];

/// An image has the same bits in any batch.
template <int R>
void tile_dots(const float* rows, const float* x, int64_t images, int64_t count, Tile& tile) {
  const auto out = [&](int r, int n) -> float& { return tile[r][n]; };
  if (images == 1) return dots<R, 1>(rows, count, x, count, out);
  if (images == 2) return dots<R, 2>(rows, count, x, count, out);
  dots<R, 3>(rows, count, x, count, out);
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
    parallel_for(context_, pieces(units, tile_rows), [&](int64_t task) {
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
    conv.activation = s.activation;
    return conv;
  }

  void run_tile(const Tensor& x, int64_t unit, int64_t rows, int64_t image, int64_t images,
                Tensor& y) const {
    const LinearSpec& s = spec();
    const float* weight = weight_.data() + unit * s.in_units;
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
    const LinearSpec& s = spec();
    const int64_t chunks = pieces(s.in_units, backward_chunk);
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
