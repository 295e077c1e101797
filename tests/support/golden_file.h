/// Reads the golden tensors that the programs tests/goldens/make_*_goldens.py wrote.
#pragma once

#include <hdf5.h>

#include <string>
#include <vector>

#include "hdecomp/error.h"
#include "kernels/core/tensor.h"
#include "tests/support/places.h"

namespace hdecomp::op_testing {

/// A file of tests/goldens/; tensors by name ("conv.k3.x"), on the CPU. Throws Error if one is
/// missing.
class GoldenFile {
 public:
  explicit GoldenFile(const std::string& name = "ops.h5")
      : path_(source_folder() + "/tests/goldens/" + name),
        file_(H5Fopen(path_.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT)) {
    if (file_ < 0) throw Error(joined("cannot open ", path_));
  }
  ~GoldenFile() { H5Fclose(file_); }
  GoldenFile(const GoldenFile&) = delete;
  GoldenFile& operator=(const GoldenFile&) = delete;

  Tensor floats(const std::string& name) const { return read<float>(name, H5T_NATIVE_FLOAT); }
  IndexTensor indices(const std::string& name) const {
    return read<int32_t>(name, H5T_NATIVE_INT32);
  }

 private:
  template <class T>
  TensorOf<T> read(const std::string& name, hid_t type) const {
    const hid_t data = H5Dopen2(file_, name.c_str(), H5P_DEFAULT);
    if (data < 0) throw Error(joined(path_, ": no tensor ", name));
    TensorOf<T> result({}, shape_of(data));
    const herr_t status = H5Dread(data, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, result.data());
    H5Dclose(data);
    if (status < 0) throw Error(joined(path_, ": cannot read ", name));
    return result;
  }

  static Shape shape_of(hid_t data) {
    const hid_t space = H5Dget_space(data);
    std::vector<hsize_t> dims(static_cast<size_t>(H5Sget_simple_extent_ndims(space)));
    H5Sget_simple_extent_dims(space, dims.data(), nullptr);
    H5Sclose(space);
    return Shape(std::vector<int64_t>(dims.begin(), dims.end()));
  }

  std::string path_;
  hid_t file_;
};

}  // namespace hdecomp::op_testing
