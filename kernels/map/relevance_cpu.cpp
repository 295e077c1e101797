/// The arithmetic of relevance on the CPU.
#include "kernels/map/relevance.h"

#include "kernels/core/parallel.h"

namespace hdecomp::cpu {
namespace {

/// out[i] = body(i), on all threads and vector lanes.
template <class Body>
void each(const Context& context, Tensor& out, Body body) {
  float* to = out.data();
  const int64_t n = out.elements();
#pragma omp parallel for simd schedule(static) num_threads(context.threads())
  for (int64_t i = 0; i < n; ++i) to[i] = body(i);
}

}  // namespace

void keep_part(const Context& context, Part part, const Tensor& x, Tensor& y) {
  const float* in = x.data();
  if (part == Part::positive) {
    return each(context, y, [=](int64_t i) { return part_of(Part::positive, in[i]); });
  }
  each(context, y, [=](int64_t i) { return part_of(Part::negative, in[i]); });
}

void multiply(const Context& context, const Tensor& a, const Tensor& b, Tensor& y) {
  const float *first = a.data(), *second = b.data();
  each(context, y, [=](int64_t i) { return first[i] * second[i]; });
}

void stabilised_ratio(const Context& context, const Tensor& r, const Tensor& z, float epsilon,
                      Tensor& y) {
  const float *relevance = r.data(), *sum = z.data();
  each(context, y, [=](int64_t i) { return stabilised(relevance[i], sum[i], epsilon); });
}

}  // namespace hdecomp::cpu
