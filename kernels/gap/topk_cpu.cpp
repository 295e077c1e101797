/// topk on the CPU: one decision per task.
#include <algorithm>

#include "kernels/core/parallel.h"
#include "kernels/gap/topk.h"

namespace hdecomp::cpu {

void topk(const Context& context, const Tensor& alpha, IndexTensor& channels) {
  const int64_t count = alpha.shape()[1], n = channels.shape()[1];
  parallel_for(context, alpha.shape()[0], [&](int64_t decision) {
    const float* value = alpha.data() + decision * count;
    int32_t* best = channels.data() + decision * n;
    std::fill(best, best + n, -1);
    // Insertion into the short sorted list `best`: channels come in rising order, so only a
    // strictly larger contribution moves ahead and ties stay with the lower channel.
    for (int32_t channel = 0; channel < count; ++channel) {
      if (!(value[channel] > 0)) continue;
      int64_t place = n;
      while (place > 0 && (best[place - 1] < 0 || value[best[place - 1]] < value[channel])) --place;
      if (place == n) continue;
      std::copy_backward(best + place, best + n - 1, best + n);
      best[place] = channel;
    }
  });
}

}  // namespace hdecomp::cpu
