/// What is said of an old processor.
#include "kernels/core/cpu_level.h"

#include <gtest/gtest.h>

#include <string>

#include "hdecomp/this_cpu.h"

namespace hdecomp {
namespace {

TEST(CpuLevel, OneLineForAProcessorThatMissesAnything) {
  EXPECT_EQ(cpu_complaint(), nullptr);  // the tests run on it
  EXPECT_EQ(complaint_of({true, true, true, true}), nullptr);
  const bool of_v3 = complaint_of({}) != nullptr;  // built for it
  for (int missing = 0; of_v3 && missing < 4; ++missing) {
    const CpuLevel level{missing != 0, missing != 1, missing != 2, missing != 3};
    const char* complaint = complaint_of(level);
    ASSERT_NE(complaint, nullptr) << missing;
    EXPECT_TRUE(std::string(complaint).starts_with("this processor has no AVX2")) << complaint;
    EXPECT_EQ(std::string(complaint).find('\n'), std::string::npos);
  }
}

}  // namespace
}  // namespace hdecomp
