/// A value for each cell of a tensor, on all threads and vector lanes.
#pragma once

#include "kernels/core/context.h"
#include "kernels/core/tensor.h"
#include "kernels/core/waiting.h"

namespace hdecomp::cpu {

/// out[i] = body(i)
template <class Body>
void fill(const Context& context, Tensor& out, Body body) {
  float* to = out.data();
  const int64_t n = out.elements();
  const int threads = threads_now(context.threads());
#pragma omp parallel for simd schedule(static) num_threads(threads)
  for (int64_t i = 0; i < n; ++i) to[i] = body(i);
}

}  // namespace hdecomp::cpu
