/// HDF5 files that are built in memory: libhdf5 1.10 crashes at exit if it could not write a file
/// to disk, so it is never given a disk to write to.
#pragma once

#include <hdf5.h>

#include <cstdint>
#include <vector>

#include "weights/hdf5/hdf5_handles.h"

namespace hdecomp {

/// An empty file in memory. Throws Error if HDF5 fails.
H5Handle create_hdf5_in_memory();

/// The file's bytes, as they would lie on disk.
std::vector<uint8_t> hdf5_bytes(hid_t file);

}  // namespace hdecomp
