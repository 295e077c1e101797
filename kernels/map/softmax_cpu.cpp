/// Softmax on the CPU: one row per task, sums in double.
#include <algorithm>
#include <cmath>

#include "kernels/core/parallel.h"
#include "kernels/map/softmax.h"

namespace hdecomp::cpu {

void softmax_forward(const Context& context, const Tensor& x, Tensor& y) {
  const int64_t classes = x.shape()[1];
  parallel_for(context, x.shape()[0], [&](int64_t row) {
    const float* in = x.data() + row * classes;
    float* out = y.data() + row * classes;
    const float most = *std::max_element(in, in + classes);
    double sum = 0;
    for (int64_t i = 0; i < classes; ++i) {
      out[i] = std::exp(in[i] - most);
      sum += out[i];
    }
    const float scale = static_cast<float>(1 / sum);
    for (int64_t i = 0; i < classes; ++i) out[i] *= scale;
  });
}

}  // namespace hdecomp::cpu
