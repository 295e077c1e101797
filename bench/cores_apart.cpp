/// A number that two threads count up in turn.
#include "bench/cores_apart.h"

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

#include "hdecomp/stopwatch.h"

namespace hdecomp {

double cores_apart_ns() {
  constexpr int parts = 25, round_trips = 2000;  // each part is timed; all take some 10 ms
  constexpr int last = 2 * parts * round_trips;
  std::atomic<int> count = 0;
  const auto wait_for = [&](int number) {
    // The other thread may be waiting for a core.
    for (int i = 0; count.load(std::memory_order_acquire) != number; ++i) {
      if (i % 1024 == 1023) std::this_thread::yield();
    }
  };
  std::jthread other([&] {
    for (int i = 1; i < last; i += 2) {
      wait_for(i);
      count.store(i + 1, std::memory_order_release);
    }
  });
  std::vector<double> times;
  for (int part = 0, i = 0; part < parts; ++part) {
    const Stopwatch time;
    for (int trip = 0; trip < round_trips; ++trip, i += 2) {
      count.store(i + 1, std::memory_order_release);
      wait_for(i + 2);
    }
    times.push_back(time.ms() * 1e6 / round_trips);
  }
  std::ranges::nth_element(times, times.begin() + parts / 2);
  return times[parts / 2];
}

}  // namespace hdecomp
