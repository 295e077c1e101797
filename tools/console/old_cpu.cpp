/// Says in one line that the processor is too old, before the program or a library of it runs an
/// instruction that it has not. Compiled for the oldest x86-64, with nothing of the standard
/// library.
#include <sys/uio.h>
#include <unistd.h>

#include "hdecomp/this_cpu.h"

namespace {

size_t length(const char* text) {
  size_t n = 0;
  while (text[n] != '\0') ++n;
  return n;
}

void refuse_old_cpu(int, char**, char**) {
  const char* complaint = hdecomp::cpu_complaint();
  if (complaint == nullptr) return;
  const char* const line[] = {"hdecomp: ", complaint, "\n"};
  iovec parts[3];
  for (int i = 0; i < 3; ++i) parts[i] = {const_cast<char*>(line[i]), length(line[i])};
  const ssize_t written = writev(STDERR_FILENO, parts, 3);
  _exit(written < 0 ? 1 : 2);
}

// The loader calls these before the initialisers of the libraries.
[[gnu::section(".preinit_array"), gnu::used]] void (*const first)(int, char**,
                                                                  char**) = refuse_old_cpu;

}  // namespace
