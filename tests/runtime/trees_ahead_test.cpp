/// The kernels of a first tree's products are there when TreesAhead is gone: in processes of their
/// own, since one writes them once.
#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <ctime>
#include <dnnl.hpp>

#include "hdecomp/engine_options.h"

namespace hdecomp {
namespace {

/// Processor time of this thread, so that busy programs beside it do not count.
double sgemm_ms() {
  const auto now = [] {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return 1e3 * static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_nsec);
  };
  std::array<float, 64> a{}, b{}, c{};
  const double begin = now();
  dnnl_sgemm('N', 'N', 8, 8, 8, 1, a.data(), 8, b.data(), 8, 0, c.data(), 8);
  return now() - begin;
}

/// 10 to 30 ms without it, 0.1 with it.
bool written(const EngineOptions& options) {
  { const TreesAhead ahead(options); }
  return sgemm_ms() < 3;
}

TEST(TreesAhead, HasKernelsWrittenOnAnotherThread) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(std::exit(written({.device = "cpu", .threads = 2}) ? 0 : 1),
              testing::ExitedWithCode(0), "");
}

/// For older processors there are few kernels, written at once.
bool takes_long() {
  return (dnnl_get_effective_cpu_isa() & dnnl_cpu_isa_avx2) == dnnl_cpu_isa_avx2;
}

TEST(TreesAhead, LeavesOneThreadAlone) {
  if (!takes_long()) GTEST_SKIP() << "nothing to be seen without AVX2";
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(std::exit(written({.device = "cpu", .threads = 1}) ? 1 : 0),
              testing::ExitedWithCode(0), "");
}

TEST(TreesAhead, NothingForAGpu) {
  if (!takes_long()) GTEST_SKIP() << "nothing to be seen without AVX2";
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(std::exit(written({.device = "cuda:0"}) ? 1 : 0), testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace hdecomp
