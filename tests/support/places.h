// Where the tests find the sources, the command and mpirun, and how they were built: known to one
// object file alone, so that all others are the same in every folder.
#pragma once
#include <string>

namespace hdecomp {

std::string source_folder();
/// Of a bundled photograph, "chelsea.jpg".
inline std::string photo_path(const std::string& name) {
  return source_folder() + "/tools/photos/" + name;
}
const char* command_path();
const char* mpirun();  // empty without MPI
bool sanitized();      // whether the address sanitizer watches this program

}  // namespace hdecomp
