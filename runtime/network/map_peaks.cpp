/// Map peaks: the largest value in one pass that runs over vectors, its place in another.
#include "runtime/network/map_peaks.h"

#include <algorithm>

#include "kernels/core/copy.h"
#include "kernels/core/parallel.h"

namespace hdecomp {

std::vector<MapPeak> map_peaks(const Context& context, const Tensor& map) {
  const int64_t width = map.shape()[3], area = map.shape()[2] * width;
  std::vector<MapPeak> peaks(map.shape()[1]);
  parallel_for(context, std::ssize(peaks), [&](int64_t c) {
    const float* plane = map.data() + c * area;
    float most = plane[0];
#pragma omp simd reduction(max : most)
    for (int64_t i = 0; i < area; ++i) most = plane[i] > most ? plane[i] : most;
    const int64_t at = std::find(plane, plane + area, most) - plane;
    peaks[c] = {most, at / width, at % width};
  });
  return peaks;
}

std::vector<MapPeak> map_peaks(const Context& context, const Executor& executor, int node,
                               int64_t image) {
  const Tensor map = on_host(context, rows(executor.feature(node), image, image + 1));
  context.finish();
  return map_peaks(context, map);
}

}  // namespace hdecomp
