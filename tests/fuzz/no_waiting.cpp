/// The fuzzers read on one thread, without OpenMP.
#include "kernels/core/waiting.h"

void hdecomp::choose_waiting() {}
