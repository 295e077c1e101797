/// The arithmetic of relevance on a GPU: an element per thread.
#include "kernels/core/context_cuda.h"
#include "kernels/core/full_grid.cuh"
#include "kernels/map/relevance.h"

namespace hdecomp::cuda {
namespace {

constexpr int relevance_threads = 256;

__global__ void __launch_bounds__(relevance_threads)
    part_elements(int64_t n, bool positive, const float* x, float* y) {
  const int64_t i = int64_t{blockIdx.x} * relevance_threads + threadIdx.x;
  if (i < n) y[i] = part_of(positive ? Part::positive : Part::negative, x[i]);
}

__global__ void __launch_bounds__(relevance_threads)
    multiply_elements(int64_t n, const float* a, const float* b, float* y) {
  const int64_t i = int64_t{blockIdx.x} * relevance_threads + threadIdx.x;
  if (i < n) y[i] = a[i] * b[i];
}

__global__ void __launch_bounds__(relevance_threads)
    ratio_elements(int64_t n, float epsilon, const float* r, const float* z, float* y) {
  const int64_t i = int64_t{blockIdx.x} * relevance_threads + threadIdx.x;
  if (i < n) y[i] = stabilised(r[i], z[i], epsilon);
}

}  // namespace

void keep_part(const Context& context, Part part, const Tensor& x, Tensor& y) {
  const int64_t n = y.elements();
  if (n == 0) return;
  launch(context.cuda().stream(), "keep_part", part_elements, full_grid(n, relevance_threads), n,
         part == Part::positive, x.data(), y.data());
}

void multiply(const Context& context, const Tensor& a, const Tensor& b, Tensor& y) {
  const int64_t n = y.elements();
  if (n == 0) return;
  launch(context.cuda().stream(), "multiply", multiply_elements, full_grid(n, relevance_threads), n,
         a.data(), b.data(), y.data());
}

void stabilised_ratio(const Context& context, const Tensor& r, const Tensor& z, float epsilon,
                      Tensor& y) {
  const int64_t n = y.elements();
  if (n == 0) return;
  launch(context.cuda().stream(), "stabilised_ratio", ratio_elements,
         full_grid(n, relevance_threads), n, epsilon, r.data(), z.data(), y.data());
}

}  // namespace hdecomp::cuda
