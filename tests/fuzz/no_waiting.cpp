/// The fuzzers read on one thread, without OpenMP.
#include "kernels/core/waiting.h"

int hdecomp::threads_now() { return 1; }
