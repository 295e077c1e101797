/// Map peaks: as a map lies, or of a plane the largest value in one pass that runs over vectors,
/// its place in another.
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

namespace {

/// Of a map (channels / block, area, block): `block` channels side by side in each cell, `group` of
/// them looked at together.
template <int64_t group>
std::vector<MapPeak> peaks_side_by_side(const Context& context, const Tensor& map, int64_t block) {
  const int64_t channels = map.shape()[1], width = map.shape()[3];
  const int64_t area = map.shape()[2] * width;
  std::vector<MapPeak> peaks(channels);
  parallel_for(context, channels / group, [&](int64_t task) {
    const int64_t first = task * group;
    const float* from = map.data() + first / block * block * area + first % block;
    float most[group];
    int32_t at[group] = {};
    std::copy_n(from, group, most);
    for (int64_t cell = 1; cell < area; ++cell) {
      const float* values = from + cell * block;
#pragma omp simd
      for (int64_t c = 0; c < group; ++c) {
        const bool is_more = values[c] > most[c];
        most[c] = is_more ? values[c] : most[c];
        at[c] = is_more ? static_cast<int32_t>(cell) : at[c];
      }
    }
    for (int64_t c = 0; c < group; ++c) peaks[first + c] = {most[c], at[c] / width, at[c] % width};
  });
  return peaks;
}

}  // namespace

std::vector<MapPeak> map_peaks(const Context& context, const Executor& executor, int node,
                               int64_t image) {
  const int64_t block = executor.plan().side_by_side(node);
  if (block > 0 && block % 8 == 0) {
    const Tensor map = executor.plan().laid(node, image);
    return block % 16 == 0 ? peaks_side_by_side<16>(context, map, block)
                           : peaks_side_by_side<8>(context, map, block);
  }
  const Tensor map = on_host(context, rows(executor.feature(node), image, image + 1));
  context.finish();
  return map_peaks(context, map);
}

}  // namespace hdecomp
