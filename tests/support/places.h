// Where the tests find the sources, the command and mpirun: paths of this build, known to one
// object file alone, so that all others are the same in every folder.
#pragma once
#include <string>

namespace hdecomp {

std::string source_folder();
const char* command_path();
const char* mpirun();  // empty without MPI

}  // namespace hdecomp
