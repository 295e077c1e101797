/// keep_cover on the CPU: one decision per task.
#include "kernels/core/parallel.h"
#include "kernels/gap/cover.h"

namespace hdecomp::cpu {

void keep_cover(const Context& context, const Tensor& alpha, double cover, IndexTensor& channels) {
  const int64_t count = alpha.shape()[1], n = channels.shape()[1];
  parallel_for(context, alpha.shape()[0], [&](int64_t decision) {
    const float* value = alpha.data() + decision * count;
    double positive = 0, covered = 0;
    for (int64_t channel = 0; channel < count; ++channel) {
      positive += value[channel] > 0 ? value[channel] : 0.0f;  // NaN: 0
    }
    int32_t* chosen = channels.data() + decision * n;
    for (int64_t i = 0; i < n && chosen[i] >= 0; ++i) {
      if (covered >= cover * positive) {
        chosen[i] = -1;
      } else {
        covered += value[chosen[i]];
      }
    }
  });
}

}  // namespace hdecomp::cpu
