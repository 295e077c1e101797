/// IEEE binary16 as an HDF5 type, which the library has no name for.
#pragma once

#include "weights/hdf5/hdf5_handles.h"

namespace hdecomp {

/// Little-endian.
H5Handle half_type();

}  // namespace hdecomp
