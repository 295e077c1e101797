/// How many cores this process may keep busy.
#pragma once

#include <string>

#include "hdecomp/export.h"

namespace hdecomp {

/// The cores of its affinity, or as many as its control groups' quota allows where that is fewer
/// (a container's: `docker run --cpus 1.5` gives 2). At least 1. `root` is for tests: the folder
/// that holds proc/ and sys/.
HDECOMP_API int usable_cores(const std::string& root = "");

}  // namespace hdecomp
