/// Looks for a channel's first value that is not zero.
#include "kernels/conv/active_channels_cpu.h"

#include <algorithm>
#include <array>

#include "kernels/core/parallel.h"
#include "kernels/loops/pieces.h"

namespace hdecomp::cpu {
namespace {

constexpr int64_t task_channels = 64;  // neighbours in memory

using Flags = std::array<int32_t, task_channels>;

/// Of `count` channels from one on, in all images, `step` elements apart.
Flags find_active(const float* x, int64_t batch, int64_t step, int64_t count, int64_t plane) {
  Flags active{};
  for (int64_t n = 0; n < batch; ++n, x += step) {
    for (int64_t c = 0; plane == 1 && c < count; ++c) active[c] |= x[c] != 0;
    for (int64_t c = 0; plane > 1 && c < count; ++c) {
      if (active[c]) continue;
      const float* map = x + c * plane;
      active[c] = std::any_of(map, map + plane, [](float value) { return value != 0; });
    }
  }
  return active;
}

}  // namespace

std::vector<int64_t> active_channels(const Context& context, const ConvSpec& spec,
                                     const Tensor& x) {
  const int64_t channels = spec.in_channels, plane = spec.height * spec.width;
  std::vector<Flags> flags(pieces(channels, task_channels));
  parallel_for(context, std::ssize(flags), [&](int64_t task) {
    const int64_t first = task * task_channels;
    flags[task] = find_active(x.data() + first * plane, spec.batch, channels * plane,
                              std::min(task_channels, channels - first), plane);
  });
  std::vector<int64_t> active;
  for (int64_t c = 0; c < channels; ++c) {
    if (flags[c / task_channels][c % task_channels]) active.push_back(c);
  }
  if (active.empty()) active.push_back(0);
  return active;
}

}  // namespace hdecomp::cpu
