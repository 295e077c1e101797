/// Closed standard descriptors on /dev/null, opened the wrong way round; what goes out.
#include "tools/console/standard_descriptors.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>

#include "hdecomp/error.h"

namespace hdecomp::tools {

void take_standard_descriptors() {
  for (int descriptor = STDIN_FILENO; descriptor <= STDERR_FILENO; ++descriptor) {
    if (fcntl(descriptor, F_GETFD) >= 0) continue;
    // The lowest number that is free, which is this one.
    const int taken = open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY);
    if (taken != descriptor && taken >= 0) close(taken);
  }
}

void flush_output() {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return;
  throw UserError("the output cannot be written; is the disk full?");
}

}  // namespace hdecomp::tools
