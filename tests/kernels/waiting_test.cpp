/// OpenMP's threads sleep beside busy programs. The mechanism is tried in a process of its own:
/// tests run with OMP_WAIT_POLICY=passive, which libgomp reads when it is loaded.
#include "kernels/core/waiting.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "hdecomp/cores.h"
#include "hdecomp/stopwatch.h"
#include "kernels/core/parallel.h"
#include "kernels/core/parked_team.h"

namespace hdecomp {
namespace {

using detail::contended;
using detail::CoreTime;

constexpr int64_t ms = 1'000'000;

TEST(Waiting, AnEighthOfTheTimeWithoutACoreIsContention) {
  const CoreTime then{500 * ms, 70 * ms};
  EXPECT_FALSE(contended(false, then, {then.ran + 88 * ms, then.waited + 12 * ms}));
  EXPECT_TRUE(contended(false, then, {then.ran + 87 * ms, then.waited + 13 * ms}));
}

TEST(Waiting, ContentionEndsBelowASixteenth) {
  const CoreTime then{500 * ms, 70 * ms};
  EXPECT_TRUE(contended(true, then, {then.ran + 93 * ms, then.waited + 7 * ms}));
  EXPECT_FALSE(contended(true, then, {then.ran + 94 * ms, then.waited + 6 * ms}));
}

TEST(Waiting, ALittleTimeAndThreadsThatEndedSayNothing) {
  const CoreTime then{500 * ms, 70 * ms};
  for (const bool before : {false, true}) {
    EXPECT_EQ(contended(before, then, {then.ran + 4 * ms, then.waited + 5 * ms}), before);
    EXPECT_EQ(contended(before, then, {100 * ms, 10 * ms}), before);
  }
}

double processor_ms() {
  rusage used;
  getrusage(RUSAGE_SELF, &used);
  return 1e3 * static_cast<double>(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
         1e-3 * static_cast<double>(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
}

/// What a team of two uses up in the 50 ms after a loop, in which there is nothing to do.
double idle_ms() {
  std::atomic<int> members = 0;
#pragma omp parallel num_threads(2)
  ++members;
  const double before = processor_ms();
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  return processor_ms() - before;
}

/// A new process of this program, without the environment's word on waiting.
#define EXPECT_IN_A_NEW_PROCESS(condition)                                       \
  do {                                                                           \
    GTEST_FLAG_SET(death_test_style, "threadsafe");                              \
    const char* policy = std::getenv("OMP_WAIT_POLICY");                         \
    const std::string word = policy ? policy : "";                               \
    unsetenv("OMP_WAIT_POLICY");                                                 \
    EXPECT_EXIT(std::exit((condition) ? 0 : 1), testing::ExitedWithCode(0), ""); \
    if (policy) setenv("OMP_WAIT_POLICY", word.c_str(), 1);                      \
  } while (false)

/// Half a millisecond is seen in one of many tries: beside busy programs a thread may not even come
/// to spin.
bool spins() {
  for (int tries = 0; tries < 40; ++tries) {
    if (idle_ms() > 0.5) return true;
  }
  return false;
}

bool parked_team_ends_spinning() {
  if (!spins()) return false;
  ParkedTeam team;
  team.begin(usable_cores());
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  for (int tries = 0; tries < 4; ++tries) {
    if (idle_ms() > 0.5) return false;
  }
  team.end();
  return spins();
}

TEST(Waiting, AParkedTeamPutsTheOthersToSleep) {
  if (usable_cores() < 2) GTEST_SKIP() << "libgomp's threads never spin on one core";
  EXPECT_IN_A_NEW_PROCESS(parked_team_ends_spinning());
}

/// Beside threads of our own that take all cores.
bool falls_asleep() {
  std::atomic<bool> stop = false;
  std::vector<std::thread> busy;
  for (int i = 0; i < 2 * usable_cores(); ++i) {
    busy.emplace_back([&] {
      while (!stop) {
      }
    });
  }
  const Context context({}, 2);
  const Stopwatch watch;
  std::atomic<int64_t> sum = 0;
  while (!waiting_asleep() && watch.ms() < 10'000) {
    parallel_for(context, 64, [&](int64_t i) { sum += i; });
  }
  stop = true;
  for (std::thread& thread : busy) thread.join();
  return waiting_asleep();
}

TEST(Waiting, SleepsBesideBusyThreads) {
  if (!std::ifstream("/proc/self/schedstat")) GTEST_SKIP() << "the kernel does not count it";
  EXPECT_IN_A_NEW_PROCESS(falls_asleep());
}

}  // namespace
}  // namespace hdecomp
