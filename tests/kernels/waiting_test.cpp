/// OpenMP's threads sleep beside busy programs. The mechanism is tried in a process of its own:
/// tests run with OMP_WAIT_POLICY=passive, which libgomp reads when it is loaded.
#include "kernels/core/waiting.h"

#include <gtest/gtest.h>
#include <omp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "hdecomp/stopwatch.h"
#include "kernels/core/free_cores.h"
#include "kernels/core/parallel.h"
#include "kernels/core/parked_team.h"

namespace hdecomp {
namespace {

using detail::contended;
using detail::CoreTime;
using detail::CoreTimes;

constexpr int64_t ms = 1'000'000;

TEST(Waiting, AnEighthOfTheTimeWithoutACoreIsContention) {
  EXPECT_FALSE(contended(false, {88 * ms, 12 * ms}));
  EXPECT_TRUE(contended(false, {87 * ms, 13 * ms}));
}

TEST(Waiting, ContentionEndsBelowASixteenth) {
  EXPECT_TRUE(contended(true, {93 * ms, 7 * ms}));
  EXPECT_FALSE(contended(true, {94 * ms, 6 * ms}));
}

TEST(Waiting, ThreadsThatEndedTakeNothingFromTheOthers) {
  CoreTimes times;
  const CoreTime first = times.since_last({{1, {500, 70}}, {2, {10'000, 9'000}}});
  EXPECT_EQ(first.ran, 10'500);
  EXPECT_EQ(first.waited, 9'070);
  const CoreTime second = times.since_last({{1, {530, 75}}, {3, {8, 2}}});
  EXPECT_EQ(second.ran, 38);
  EXPECT_EQ(second.waited, 7);
}

TEST(Waiting, ANumberThatWentToANewThreadCountsFromItsBegin) {
  CoreTimes times;
  times.since_last({{7, {1000, 100}}});
  const CoreTime passed = times.since_last({{7, {40, 30}}});
  EXPECT_EQ(passed.ran, 40);
  EXPECT_EQ(passed.waited, 30);
}

TEST(Waiting, NoLoopHasMoreThreadsThanItMay) {
  for (const int most : {1, 2, 3}) {
    std::atomic<int> members = 0;
    with_at_most(most, [&] {
#pragma omp parallel num_threads(4)
      ++members;
    });
    EXPECT_EQ(members, most);
  }
  std::atomic<int> members = 0;
#pragma omp parallel num_threads(4)
  ++members;
  EXPECT_EQ(members, 4);
}

TEST(Waiting, WhatIsThrownUnderALimitArrives) {
  EXPECT_THROW(with_at_most(1, [] { throw std::runtime_error("it"); }), std::runtime_error);
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
  team.begin(omp_get_num_procs() + 1);
  team.wait_until_begun();
  int quiet = 0;  // not all: where the system takes the cores away, half a millisecond is soon gone
  for (int tries = 0; tries < 8; ++tries) quiet += idle_ms() <= 0.5;
  if (quiet < 5) return false;
  team.end();
  return spins();
}

TEST(Waiting, AParkedTeamEndsWithItsOwner) {
  ParkedTeam team;
  EXPECT_FALSE(team.there());
  team.wait_until_begun();  // none was asked for: nothing to wait for
  team.begin(2);
  team.wait_until_begun();
  EXPECT_TRUE(team.there());
}

TEST(Waiting, AParkedTeamPutsTheOthersToSleep) {
  if (omp_get_num_procs() < 2) GTEST_SKIP() << "libgomp's threads never spin on one core";
  EXPECT_IN_A_NEW_PROCESS(parked_team_ends_spinning());
}

/// Beside threads of our own that take all cores.
bool falls_asleep() {
  std::atomic<bool> stop = false;
  std::vector<std::thread> busy;
  for (int i = 0; i < 2 * omp_get_num_procs(); ++i) {
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

/// Beside a program of another process for each core.
bool takes_fewer_threads() {
  std::vector<pid_t> busy;
  for (int i = 0; i < omp_get_num_procs(); ++i) {
    busy.push_back(fork());
    if (busy.back() == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      for (volatile int on = 1; on;) {
      }
    }
  }
  const Context context({}, 2);
  const Stopwatch watch;
  std::atomic<int64_t> sum = 0;
  while (threads_now(2) == 2 && watch.ms() < 10'000) {
    parallel_for(context, 64, [&](int64_t i) { sum += i; });
  }
  const bool fewer = threads_now(2) == 1;
  for (const pid_t child : busy) kill(child, SIGKILL), waitpid(child, nullptr, 0);
  return fewer;
}

TEST(Waiting, ALoopHasFewerThreadsBesideBusyPrograms) {
  if (omp_get_num_procs() < 2 || !detail::core_use()) GTEST_SKIP() << "one core, or no /proc/stat";
  const char* set = std::getenv("OMP_DYNAMIC");
  const std::string word = set ? set : "";
  unsetenv("OMP_DYNAMIC");
  EXPECT_IN_A_NEW_PROCESS(takes_fewer_threads());
  if (set) setenv("OMP_DYNAMIC", word.c_str(), 1);
}

TEST(Waiting, SleepsBesideBusyThreads) {
  int64_t ran = 0;
  if (!(std::ifstream("/proc/self/schedstat") >> ran) || ran == 0 || omp_get_num_procs() > 64) {
    GTEST_SKIP() << "the kernel does not count it, or there are more cores than it is done for";
  }
  EXPECT_IN_A_NEW_PROCESS(falls_asleep());
}

}  // namespace
}  // namespace hdecomp
