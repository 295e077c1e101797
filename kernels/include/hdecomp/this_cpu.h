/// Whether the processor has the instructions that hdecomp was built for.
#pragma once

#include "hdecomp/export.h"

namespace hdecomp {

/// Null if it has; else one line that says what is missing. Safe to call before anything else, from
/// an initialiser too.
HDECOMP_API const char* cpu_complaint() noexcept;

}  // namespace hdecomp
