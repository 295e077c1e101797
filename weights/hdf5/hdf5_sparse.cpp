/// Sparse files by memfd_create, which HDF5 opens by their names in /proc.
#include "weights/hdf5/hdf5_sparse.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace hdecomp {

SparseHdf5::SparseHdf5(const std::string& path, int64_t most)
    : descriptor_(memfd_create("hdecomp", MFD_CLOEXEC)) {
  if (descriptor_ < 0) throw Error(joined("no file in memory: ", std::strerror(errno)));
  // A limit of the process (ulimit -f) holds for this file too; HDF5 must never meet it.
  if (ftruncate(descriptor_, most) != 0) {
    const int reason = errno;
    close(descriptor_);
    throw UserError(joined(path, ": can't be written: ", std::strerror(reason)));
  }
  const H5Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
  const std::string name = joined("/proc/self/fd/", descriptor_);
  // HDF5's other drivers would look for the folder that the file is in.
  if (access.valid() && H5Pset_fapl_stdio(access) >= 0) {
    file_ = H5Handle(H5Fcreate(name.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, access), H5Fclose);
  }
  if (file_.valid()) return;
  close(descriptor_);
  throw Error("HDF5 cannot make a file in memory");
}

SparseHdf5::~SparseHdf5() {
  file_.reset();
  close(descriptor_);
}

SparseHdf5::Range SparseHdf5::reserve(hid_t group, const std::string& name, hid_t type,
                                      const std::vector<hsize_t>& extent) {
  const H5Handle space(H5Screate_simple(static_cast<int>(extent.size()), extent.data(), nullptr),
                       H5Sclose);
  const H5Handle creation(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
  if (H5Pset_obj_track_times(creation, false) < 0 ||
      H5Pset_alloc_time(creation, H5D_ALLOC_TIME_EARLY) < 0 ||
      H5Pset_fill_time(creation, H5D_FILL_TIME_NEVER) < 0) {
    throw Error("HDF5 cannot reserve a dataset");
  }
  const H5Handle data(
      checked(H5Dcreate2(group, name.c_str(), type, space, H5P_DEFAULT, creation, H5P_DEFAULT),
              "dataset '", name, "' cannot be written"),
      H5Dclose);
  const haddr_t begin = H5Dget_offset(data);
  if (begin == HADDR_UNDEF) throw Error(joined("dataset '", name, "' has no place in the file"));
  return {static_cast<int64_t>(begin), static_cast<int64_t>(begin + H5Dget_storage_size(data))};
}

int64_t SparseHdf5::finish() {
  const off_t size = file_.reset() ? lseek(descriptor_, 0, SEEK_END) : -1;
  if (size < 0) throw Error("the file in memory cannot be finished");
  return size;
}

void SparseHdf5::read(int64_t at, std::span<uint8_t> to) const {
  while (!to.empty()) {
    const ssize_t got = pread(descriptor_, to.data(), to.size(), at);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) throw Error("the file in memory cannot be read");
    at += got;
    to = to.subspan(static_cast<size_t>(got));
  }
}

}  // namespace hdecomp
