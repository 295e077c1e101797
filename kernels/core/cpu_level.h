/// What hdecomp says of a processor.
#pragma once

namespace hdecomp {

/// What a build for x86-64-v3 makes use of.
struct CpuLevel {
  bool avx2 = false, fma = false, bmi2 = false, f16c = false;
};

/// Null for a processor that has all of it.
const char* complaint_of(const CpuLevel& level) noexcept;

}  // namespace hdecomp
