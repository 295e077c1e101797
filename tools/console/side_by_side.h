/// Tasks that some threads share.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <thread>
#include <vector>

namespace hdecomp::tools {

/// Calls task(i) for i in [0, count), the first ones first, on `threads` threads, the caller's one
/// of them. A task must not throw.
template <class Task>
void side_by_side(size_t count, int threads, const Task& task) {
  std::atomic<size_t> next{0};
  const auto work = [&] {
    for (size_t i = next++; i < count; i = next++) task(i);
  };
  const size_t others = std::min(static_cast<size_t>(threads), count);
  std::vector<std::jthread> besides(others > 0 ? others - 1 : 0);
  for (std::jthread& beside : besides) beside = std::jthread(work);
  work();
}

}  // namespace hdecomp::tools
