/// HDF5 files with large arrays that nothing is written to yet: made without memory for them.
#pragma once

#include <hdf5.h>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "weights/hdf5/hdf5_handles.h"

namespace hdecomp {

/// A new HDF5 file that no folder has. It lies in memory as a sparse file does on a disk: what was
/// reserved and not written takes no room. (Not on a disk: see hdf5_memory.h.)
class SparseHdf5 {
 public:
  /// `path` is where its bytes will go, `most` how many there will be, or more. Throws UserError
  /// if that is more than the process may write, and Error if the system gives no such file.
  SparseHdf5(const std::string& path, int64_t most);
  ~SparseHdf5();
  SparseHdf5(const SparseHdf5&) = delete;
  SparseHdf5& operator=(const SparseHdf5&) = delete;

  hid_t file() const { return file_; }

  /// Bytes of the finished file, from its beginning.
  struct Range {
    int64_t begin = 0, end = 0;
    int64_t size() const { return end - begin; }
  };
  /// A contiguous dataset that has its place in the file and no values.
  Range reserve(hid_t group, const std::string& name, hid_t type,
                const std::vector<hsize_t>& extent);

  /// Ends the writing: file() is closed, its groups and datasets must be. Returns the file's size.
  int64_t finish();
  /// Fills `to` with the finished file's bytes from `at` on.
  void read(int64_t at, std::span<uint8_t> to) const;

 private:
  int descriptor_;
  H5Handle file_;
};

}  // namespace hdecomp
