/// Fully connected layer on the CPU: dot products forward, oneDNN's sgemm on fixed chunks backward,
/// weights where they lie.
#include <algorithm>
#include <atomic>

#include "kernels/core/context_cpu.h"
#include "kernels/core/parallel.h"
#include "kernels/linear.h"

namespace hdecomp::cpu {
namespace {

// Columns of the weight per task. Left alone, oneDNN splits sums by its thread count; a chunk's
// extent depends on the layer alone and one thread computes it, so the bits are the same for any
// thread count.
constexpr int64_t backward_chunk = 2048;

/// Sum over i of a[i] * b[i] in an order of its own, whatever is computed beside it: an image has
/// the same bits in any batch. 32 running sums hide the latency of the additions; the layer is
/// bound by reading its weights.
float dot(const float* a, const float* b, int64_t count) {
  constexpr int64_t lanes = 32;
  float sums[lanes] = {};
  int64_t i = 0;
  for (; i + lanes <= count; i += lanes) {
#pragma omp simd
    for (int64_t j = 0; j < lanes; ++j) sums[j] += a[i + j] * b[i + j];
  }
  for (int64_t j = 0; i < count; ++i, ++j) sums[j] += a[i] * b[i];
  for (int64_t half = lanes / 2; half > 0; half /= 2) {
    for (int64_t j = 0; j < half; ++j) sums[j] += sums[j + half];
  }
  return sums[0];
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
    const LinearSpec& s = spec();
    parallel_for(context_, s.out_units, [&](int64_t unit) {
      const float* row = weight_.data() + unit * s.in_units;  // read once for all images
      for (int64_t n = 0; n < s.batch; ++n) {
        const float sum = dot(row, x.data() + n * s.in_units, s.in_units) + bias_.data()[unit];
        y.data()[n * s.out_units + unit] = s.relu ? std::max(sum, 0.0f) : sum;
      }
    });
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
