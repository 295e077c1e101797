/// ReLU and add on the CPU.
#include "kernels/core/parallel.h"
#include "kernels/map/elementwise.h"

namespace hdecomp::cpu {
namespace {

/// out[i] = body(i), on all threads and vector lanes.
template <class Body>
void fill(const Context& context, Tensor& out, Body body) {
  float* to = out.data();
  const int64_t n = out.elements();
#pragma omp parallel for simd schedule(static) num_threads(context.threads())
  for (int64_t i = 0; i < n; ++i) to[i] = body(i);
}

}  // namespace

void relu_forward(const Context& context, const Tensor& x, Tensor& y) {
  const float* in = x.data();
  fill(context, y, [=](int64_t i) { return in[i] <= 0 ? 0.0f : in[i]; });  // keeps a NaN
}

void relu_backward(const Context& context, const Tensor& y, const Tensor& dy, Tensor& dx) {
  const float* feature = y.data();
  const float* in = dy.data();
  fill(context, dx, [=](int64_t i) { return feature[i] > 0 ? in[i] : 0.0f; });
}

void add_forward(const Context& context, const Tensor& a, const Tensor& b, bool relu, Tensor& y) {
  const float* first = a.data();
  const float* second = b.data();
  if (!relu) {
    fill(context, y, [=](int64_t i) { return first[i] + second[i]; });
    return;
  }
  fill(context, y, [=](int64_t i) {
    const float sum = first[i] + second[i];
    return sum <= 0 ? 0.0f : sum;
  });
}

}  // namespace hdecomp::cpu
