/// Fully connected layer on the CPU: dot products forward, oneDNN's sgemm on fixed chunks backward,
/// weights where they lie.
#include <algorithm>
#include <atomic>
#include <cstring>

#include "kernels/core/context_cpu.h"
#include "kernels/core/parallel.h"
#include "kernels/linear.h"

namespace hdecomp::cpu {
namespace {

// Columns of the weight per task. Left alone, oneDNN splits sums by its thread count; a chunk's
// extent depends on the layer alone and one thread computes it, so the bits are the same for any
// thread count.
constexpr int64_t backward_chunk = 2048;

using Lanes = float __attribute__((vector_size(32)));
constexpr int64_t lanes = 8;
// Rows of the weight and images whose dot products are computed together: 12 running sums hide the
// latency of the additions and still fit the registers; a lone image is bound by reading the rows.
constexpr int64_t tile_rows = 4, tile_images = 3;

/// Sum over i of the lanes, and of the last products, fewer than there are lanes.
float total(const Lanes& sums, const float* a, const float* b, int64_t left) {
  float each[lanes];
  std::memcpy(each, &sums, sizeof each);
  for (int64_t j = 0; j < left; ++j) each[j] += a[j] * b[j];
  for (int64_t half = lanes / 2; half > 0; half /= 2) {
    for (int64_t j = 0; j < half; ++j) each[j] += each[j + half];
  }
  return each[0];
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
      Lanes image;
      std::memcpy(&image, x + n * count + i, sizeof image);
#pragma GCC unroll 4
      for (int r = 0; r < R; ++r) {
        Lanes row;
        std::memcpy(&row, rows + r * count + i, sizeof row);
        sums[r][n] += row * image;
      }
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

/// body(begin, end) for every chunk of [0, units), in parallel, each sgemm inside on one thread.
/// Throws Error if a body returns a failure.
template <class Body>
void for_each_chunk(const Context& context, int64_t units, int64_t chunk, Body&& body) {
  const ThreadScope threads(context.threads());
  std::atomic<dnnl_status_t> status{dnnl_success};
  parallel_for(context, (units + chunk - 1) / chunk, [&](int64_t i) {
    omp_set_num_threads(1);  // this task's own setting
    const dnnl_status_t done = body(i * chunk, std::min((i + 1) * chunk, units));
    if (done != dnnl_success) status = done;
  });
  if (status != dnnl_success) throw Error(text("linear layer: sgemm failed, status ", status));
}

class LinearCpu final : public Linear {
 public:
  LinearCpu(const Context& context, const LinearSpec& spec, const Tensor& weight,
            const Tensor& bias)
      : Linear(spec), context_(context), weight_(weight), bias_(bias) {}

 private:
  void run_forward(const Tensor& x, Tensor& y) override {
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
    for_each_chunk(context_, s.in_units, backward_chunk, [&](int64_t begin, int64_t end) {
      return dnnl_sgemm('N', 'N', s.batch, end - begin, s.out_units, 1, dy.data(), s.out_units,
                        weight_.data() + begin, s.in_units, 0, dx.data() + begin, s.in_units);
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
