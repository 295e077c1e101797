// The paths of this build, as CMake gives them.
#include "tests/support/places.h"

namespace hdecomp {

std::string source_folder() { return HDECOMP_SOURCE_DIR; }
const char* command_path() { return HDECOMP_COMMAND; }
const char* mpirun() { return HDECOMP_MPIRUN; }
bool sanitized() { return HDECOMP_SANITIZED; }

}  // namespace hdecomp
