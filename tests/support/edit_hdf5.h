/// An HDF5 file changed in place, as a damaged or hostile one is made of a good one.
#pragma once

#include <gtest/gtest.h>
#include <hdf5.h>

#include <functional>
#include <string>

#include "tests/support/hostile_files.h"
#include "weights/hdf5/hdf5_handles.h"

namespace hdecomp::file_testing {

inline void edit_hdf5(const std::string& path, const std::function<void(hid_t file)>& change) {
  const SilentHdf5 silent;
  const H5Handle file(H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT), H5Fclose);
  ASSERT_TRUE(file.valid()) << path;
  change(file);
}

/// A changed copy of a file.
inline std::string edited_hdf5(const std::string& path,
                               const std::function<void(hid_t file)>& change) {
  const std::string copy = temporary_path("_changed.h5");
  write_bytes(copy, read_bytes(path));
  edit_hdf5(copy, change);
  return copy;
}

}  // namespace hdecomp::file_testing
