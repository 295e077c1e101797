/// Padding of kernels: TensorFlow's "same", and zeros that a layer of their own puts around a map.
#pragma once

#include "weights/general/net.h"

namespace hdecomp::general {

/// As many steps as the stride goes into a map of `size` cells. `upper`: of an odd number of cells,
/// one more lies behind the map, as TensorFlow has it; else before it.
void pad_same(KernelAxis& axis, int64_t size, bool upper);

/// What `kernel` reads in place of node `at`: if that only pads, with zeros, and nothing else reads
/// it (`sole`), its cells become padding of the kernel, and what lies below it is returned.
int absorb_padding(Net& net, int at, bool sole, Node& kernel);

}  // namespace hdecomp::general
