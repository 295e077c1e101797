/// HDF5's archive in a shared library. Its code is made for programs: it takes the C library's
/// stderr and stdout to be at a fixed distance, which no shared library can offer. The linker's
/// --wrap gives it these copies instead.
#include <cstdio>

extern "C" {
extern FILE* __real_stderr;
extern FILE* __real_stdout;
__attribute__((visibility("hidden"))) FILE* __wrap_stderr = nullptr;
__attribute__((visibility("hidden"))) FILE* __wrap_stdout = nullptr;

/// Ahead of all other code that the loader runs here.
__attribute__((constructor(101))) static void take_streams() {
  __wrap_stderr = __real_stderr;
  __wrap_stdout = __real_stdout;
}
}
