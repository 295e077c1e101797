// Where the tests find the sources, the command and mpirun, how they were built and how long they
// may take: known to one object file alone, so that all others are the same in every folder.
#pragma once
#include <string>

namespace hdecomp {

std::string source_folder();
/// Of a bundled photograph, "chelsea.jpg".
inline std::string photo_path(const std::string& name) {
  return source_folder() + "/tools/photos/" + name;
}
const char* command_path();
const char* mpirun();   // empty without MPI
bool sanitized();       // whether the address sanitizer watches this program
bool at_full_length();  // whether HDECOMP_FULL_SIZE_TESTS asks for what takes minutes

}  // namespace hdecomp
