/// Map means: a sum per plane, over its cells.
#include "runtime/network/map_means.h"

#include <numeric>

#include "kernels/core/copy.h"
#include "kernels/core/parallel.h"

namespace hdecomp {

std::vector<double> map_means(const Context& context, const Executor& executor, int node,
                              int64_t image) {
  const Tensor map = on_host(context, rows(executor.feature(node), image, image + 1));
  context.finish();
  const int64_t channels = map.shape()[1], area = map.shape()[2] * map.shape()[3];
  std::vector<double> means(channels);
  parallel_for(context, channels, [&](int64_t c) {
    const float* plane = map.data() + c * area;
    means[c] = std::accumulate(plane, plane + area, 0.0) / static_cast<double>(area);
  });
  return means;
}

}  // namespace hdecomp
