/// How many cores there are, and how many this process may keep busy.
#pragma once

#include <string>

#include "hdecomp/export.h"

namespace hdecomp {

/// The machine's cores, or as many as the quota of this process's control groups allows where that
/// is fewer (a container's: `docker run --cpus 1.5` gives 2). At least 1. `root` is for tests: the
/// folder that holds proc/ and sys/.
HDECOMP_API int machine_cores(const std::string& root = "");

/// Those of the calling thread's affinity, and machine_cores() at most.
HDECOMP_API int usable_cores(const std::string& root = "");

/// usable_cores() as it was when first asked, for what runs without a context.
HDECOMP_API int process_cores();

}  // namespace hdecomp
