/// How many cores other programs leave, from what the kernel counts; texts stand for /proc/stat.
#include "kernels/core/free_cores.h"

#include <gtest/gtest.h>

#include <string>

namespace hdecomp::detail {
namespace {

constexpr int64_t ms = 1'000'000, tick = 10 * ms, short_loop = ms / 10;

cpu_set_t set_of(std::initializer_list<int> cores) {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (const int core : cores) CPU_SET(core, &set);
  return set;
}

const std::string stat =
    "cpu  1000 0 0 3000 0 0 0 0 0 0\n"
    "cpu0 10 0 0 100 20 3 4 5 0 0\n"
    "cpu1 10 0 0 200 0 0 0 0 0 0\n"
    "cpu10 10 0 0 400 0 0 0 0 0 0\n"
    "intr 12345 0 0\n";

TEST(FreeCores, IdleTimeIsOfTheProcessesCoresAndHasDisksAndTheHost) {
  EXPECT_EQ(idle_time(stat, set_of({0}), tick), 125 * tick);
  EXPECT_EQ(idle_time(stat, set_of({1, 10}), tick), 600 * tick);
}

TEST(FreeCores, NothingIsSaidWhereACoreIsMissingOrTheTextIsAnother) {
  EXPECT_EQ(idle_time(stat, set_of({2}), tick), std::nullopt);
  EXPECT_EQ(idle_time("", set_of({0}), tick), std::nullopt);
  EXPECT_EQ(idle_time("cpu0 1 2 3", set_of({0}), tick), std::nullopt);
  EXPECT_EQ(idle_time("cpu0 1 2 3 x 5 6 7 8", set_of({0}), tick), std::nullopt);
  EXPECT_EQ(idle_time("cpu0 1 2 3 -4 5 6 7 8", set_of({0}), tick), std::nullopt);
  EXPECT_EQ(idle_time("cpu0 1 2 3 9223372036854775807 5 6 7 8", set_of({0}), tick), std::nullopt);
  EXPECT_EQ(idle_time("cpu99999999999 1 2 3 4 5 6 7 8", set_of({0}), tick), std::nullopt);
}

TEST(FreeCores, AreThoseIdleAndThoseThatTheProcessHad) {
  const CoreUse before{0, 500 * ms, 70 * ms, 4};
  EXPECT_DOUBLE_EQ(free_cores(before, {100 * ms, 600 * ms, 170 * ms, 4}), 2);
  EXPECT_DOUBLE_EQ(free_cores(before, {100 * ms, 500 * ms, 70 * ms, 4}), 0);
  EXPECT_DOUBLE_EQ(free_cores(before, {100 * ms, 1500 * ms, 170 * ms, 4}), 4);
  EXPECT_DOUBLE_EQ(free_cores(before, {0, 500 * ms, 70 * ms, 4}), 4);
}

TEST(FreeCores, ThreadsAreAsManyAndOneAtLeast) {
  EXPECT_EQ(threads_beside(2, 2, 1.0, short_loop), 1);
  EXPECT_EQ(threads_beside(2, 2, 1.4, short_loop), 1);
  EXPECT_EQ(threads_beside(16, 16, 12.9, short_loop), 13);
  EXPECT_EQ(threads_beside(2, 2, 0.1, short_loop), 1);
  EXPECT_EQ(threads_beside(1, 1, 0.0, short_loop), 1);
}

TEST(FreeCores, LittleWorkOfOthersAndErrorsOfATenthChangeNothing) {
  EXPECT_EQ(threads_beside(2, 2, 1.5, short_loop), 2);
  EXPECT_EQ(threads_beside(1, 2, 1.5, short_loop), 1);
  EXPECT_EQ(threads_beside(15, 16, 15.4, short_loop), 15);
}

TEST(FreeCores, ThreadsComeBackWithTheCores) {
  EXPECT_EQ(threads_beside(1, 2, 1.7, short_loop), 2);
  EXPECT_EQ(threads_beside(1, 2, 2.0, short_loop), 2);
  EXPECT_EQ(threads_beside(3, 16, 12.9, short_loop), 13);
  EXPECT_EQ(threads_beside(3, 16, 12.5, short_loop), 12);
}

TEST(FreeCores, LongLoopsKeepAllThreads) {
  EXPECT_EQ(threads_beside(2, 2, 1.0, ms), 2);
  EXPECT_EQ(threads_beside(1, 2, 0.7, ms), 2);
}

/// Those of the process alone, where the affinity says so.
TEST(FreeCores, AreNeverMoreThanTheProcessMayUse) {
  EXPECT_EQ(threads_beside(8, 2, 2.0, short_loop), 2);
}

TEST(FreeCores, TheKernelTellsWhatThisProcessRan) {
  const auto before = core_use();
  if (!before) GTEST_SKIP() << "no /proc/stat";
  while (time_of(CLOCK_PROCESS_CPUTIME_ID) < before->own + 5 * ms) {
  }
  const auto after = core_use();
  ASSERT_TRUE(after);
  EXPECT_GE(after->own - before->own, 5 * ms);
  EXPECT_GE(after->clock - before->clock, 5 * ms);
  EXPECT_GE(after->idle, before->idle);
  EXPECT_GE(after->cores, 1);
}

}  // namespace
}  // namespace hdecomp::detail
