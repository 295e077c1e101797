/// The check of a build for other processors than x86-64-v3: none.
#include "hdecomp/this_cpu.h"
#include "kernels/core/cpu_level.h"

namespace hdecomp {

const char* complaint_of(const CpuLevel&) noexcept { return nullptr; }
const char* cpu_complaint() noexcept { return nullptr; }

}  // namespace hdecomp
