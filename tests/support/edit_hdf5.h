/// An HDF5 file changed in place, as a damaged or hostile one is made of a good one.
#pragma once

#include <gtest/gtest.h>
#include <hdf5.h>

#include <functional>
#include <string>

#include "weights/hdf5/hdf5_handles.h"

namespace hdecomp::file_testing {

inline void edit_hdf5(const std::string& path, const std::function<void(hid_t file)>& change) {
  const SilentHdf5 silent;
  const H5Handle file(H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT), H5Fclose);
  ASSERT_TRUE(file.valid()) << path;
  change(file);
}

}  // namespace hdecomp::file_testing
