/// Closed standard descriptors on /dev/null, opened the wrong way round.
#include "tools/console/standard_descriptors.h"

#include <fcntl.h>
#include <unistd.h>

namespace hdecomp::tools {

void take_standard_descriptors() {
  for (int descriptor = STDIN_FILENO; descriptor <= STDERR_FILENO; ++descriptor) {
    if (fcntl(descriptor, F_GETFD) >= 0) continue;
    // The lowest number that is free, which is this one.
    const int taken = open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY);
    if (taken != descriptor && taken >= 0) close(taken);
  }
}

}  // namespace hdecomp::tools
