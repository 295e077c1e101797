/// root_decisions on the CPU.
#include <cmath>

#include "kernels/gap/root_decisions.h"

namespace hdecomp::cpu {

void root_decisions(const Context&, const Tensor& scores, int64_t asked, int64_t images,
                    PlaceTensor& roots) {
  const int64_t count = scores.shape()[1];
  for (int64_t i = 0; i < roots.elements(); ++i) {
    roots.data()[i] = {0, 0, 0, -1};
    if (i >= images) continue;
    const float* row = scores.data() + i * count;
    int64_t best = asked >= 0 ? asked : 0;
    for (int64_t k = 0; asked < 0 && k < count; ++k) {
      if (row[k] > row[best] || std::isnan(row[best])) best = k;
    }
    if (row[best] > 0) roots.data()[i] = {best, 0, 0, i};
  }
}

}  // namespace hdecomp::cpu
