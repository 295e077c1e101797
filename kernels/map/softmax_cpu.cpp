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

void softmax_backward(const Context& context, const Tensor& y, const Tensor& dy, Tensor& dx) {
  const int64_t classes = y.shape()[1];
  parallel_for(context, y.shape()[0], [&](int64_t row) {
    const float* probability = y.data() + row * classes;
    const float* in = dy.data() + row * classes;
    float* out = dx.data() + row * classes;
    double mean = 0;  // of dy under the row's probabilities
    double sum = 0;   // of the probabilities: 1 but for their rounding
    for (int64_t i = 0; i < classes; ++i) {
      mean += static_cast<double>(probability[i]) * in[i];
      sum += probability[i];
    }
    // dy - mean as the sum over j of y_j (dy - dy_j): where a probability is almost 1, its rounding
    // to float would be larger than that difference.
    for (int64_t i = 0; i < classes; ++i) {
      out[i] = probability[i] * static_cast<float>(in[i] * sum - mean);
    }
  });
}

}  // namespace hdecomp::cpu
