/// Concat on the CPU: a task copies one plane.
#include <algorithm>

#include "kernels/core/parallel.h"
#include "kernels/map/concat.h"

namespace hdecomp::cpu {

void concat_forward(const Context& context, std::span<const Tensor* const> inputs, Tensor& y) {
  const int64_t area = y.shape()[2] * y.shape()[3], all = y.shape()[1];
  int64_t offset = 0;
  for (const Tensor* x : inputs) {
    const int64_t channels = x->shape()[1];
    parallel_for(context, x->shape()[0] * channels, [&](int64_t plane) {
      const int64_t to = plane / channels * all + offset + plane % channels;
      std::copy_n(x->data() + plane * area, area, y.data() + to * area);
    });
    offset += channels;
  }
}

}  // namespace hdecomp::cpu
