/// The check of a build for x86-64-v3. Compiled for the oldest x86-64, with nothing of the standard
/// library: code that an old processor can run.
#include "hdecomp/this_cpu.h"
#include "kernels/core/cpu_level.h"

namespace hdecomp {

const char* complaint_of(const CpuLevel& level) noexcept {
  if (level.avx2 && level.fma && level.bmi2 && level.f16c) return nullptr;
  return "this processor has no AVX2 (x86-64-v3, 2013 and newer), which this build needs; build "
         "hdecomp with -DHDECOMP_MARCH=x86-64";
}

const char* cpu_complaint() noexcept {
  __builtin_cpu_init();
  return complaint_of({__builtin_cpu_supports("avx2") != 0, __builtin_cpu_supports("fma") != 0,
                       __builtin_cpu_supports("bmi2") != 0, __builtin_cpu_supports("f16c") != 0});
}

}  // namespace hdecomp
