/// HDF5 files in memory. They are built there: libhdf5 1.10 crashes at exit if it could not write a
/// file to disk, so it is never given a disk to write to.
#pragma once

#include <hdf5.h>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "weights/hdf5/hdf5_handles.h"

namespace hdecomp {

/// An empty file in memory. Throws Error if HDF5 fails.
H5Handle create_hdf5_in_memory();

/// Opens a file whose bytes are in memory, for reading. The bytes are not copied and must outlive
/// it. Throws UserError, `line`, if they are no HDF5 file.
H5Handle open_hdf5_in_memory(std::span<const uint8_t> bytes, const std::string& line);

/// The file's bytes, as they would lie on disk.
std::vector<uint8_t> hdf5_bytes(hid_t file);

}  // namespace hdecomp
