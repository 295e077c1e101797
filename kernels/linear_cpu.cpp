/// Fully connected layer on the CPU: oneDNN's sgemm on fixed chunks of units, weights where they
/// lie.
#include <algorithm>
#include <atomic>

#include "kernels/core/context_cpu.h"
#include "kernels/core/parallel.h"
#include "kernels/linear.h"

namespace hdecomp::cpu {
namespace {

// Units per task. Left alone, oneDNN splits sums by its thread count; a chunk's extent depends on
// the layer alone and one thread computes it, so the bits are the same for any thread count.
constexpr int64_t forward_chunk = 32;     // rows of the weight
constexpr int64_t backward_chunk = 2048;  // columns of the weight

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
    for_each_chunk(context_, s.out_units, forward_chunk, [&](int64_t begin, int64_t end) {
      float* out = y.data() + begin;  // y = x weight^T, these columns
      const dnnl_status_t done =
          dnnl_sgemm('N', 'T', s.batch, end - begin, s.in_units, 1, x.data(), s.in_units,
                     weight_.data() + begin * s.in_units, s.in_units, 0, out, s.out_units);
      for (int64_t n = 0; n < s.batch; ++n, out += s.out_units) {
        for (int64_t i = 0; i < end - begin; ++i) {
          const float sum = out[i] + bias_.data()[begin + i];
          out[i] = s.relu ? std::max(sum, 0.0f) : sum;
        }
      }
      return done;
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
