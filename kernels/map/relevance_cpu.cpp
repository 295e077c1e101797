/// The arithmetic of relevance on the CPU.
#include "kernels/map/relevance.h"

#include "kernels/map/fill_cpu.h"

namespace hdecomp::cpu {
void keep_part(const Context& context, Part part, const Tensor& x, Tensor& y) {
  const float* in = x.data();
  if (part == Part::positive) {
    return fill(context, y, [=](int64_t i) { return part_of(Part::positive, in[i]); });
  }
  fill(context, y, [=](int64_t i) { return part_of(Part::negative, in[i]); });
}

void multiply(const Context& context, const Tensor& a, const Tensor& b, Tensor& y) {
  const float *first = a.data(), *second = b.data();
  fill(context, y, [=](int64_t i) { return first[i] * second[i]; });
}

void stabilised_ratio(const Context& context, const Tensor& r, const Tensor& z, float epsilon,
                      Tensor& y) {
  const float *relevance = r.data(), *sum = z.data();
  fill(context, y, [=](int64_t i) { return stabilised(relevance[i], sum[i], epsilon); });
}

}  // namespace hdecomp::cpu
