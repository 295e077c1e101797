/// Tasks that some threads share.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace hdecomp::tools {

/// Calls task(i) for i in [0, count), the first ones first, on `threads` threads, the caller's one
/// of them. A task must not throw. The others are OpenMP's, as the engine's are: threads beside
/// those would share cores with them while they wait for the next loop.
template <class Task>
void side_by_side(size_t count, int threads, const Task& task) {
  const int at_once = std::min(threads, static_cast<int>(std::min<size_t>(count, 1024)));
#pragma omp parallel for schedule(dynamic, 1) num_threads(std::max(at_once, 1))
  for (int64_t i = 0; i < static_cast<int64_t>(count); ++i) task(static_cast<size_t>(i));
}

}  // namespace hdecomp::tools
