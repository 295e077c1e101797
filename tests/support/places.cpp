// The paths of this build, as CMake gives them; the variable HDECOMP_COMMAND names another command.
#include "tests/support/places.h"
#include <cstdlib>

extern "C" void __asan_init() __attribute__((weak));  // there where the address sanitizer is linked

namespace hdecomp {

std::string source_folder() { return HDECOMP_SOURCE_DIR; }
const char* command_path() {
  const char* other = std::getenv("HDECOMP_COMMAND");
  return other ? other : HDECOMP_COMMAND;
}
const char* mpirun() { return HDECOMP_MPIRUN; }
bool sanitized() { return &__asan_init != nullptr; }
bool at_full_length() { return std::getenv("HDECOMP_FULL_SIZE_TESTS") != nullptr; }

}  // namespace hdecomp
