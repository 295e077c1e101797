/// HDF5's core driver without a file behind it.
#include "weights/hdf5/hdf5_memory.h"

#include <atomic>

#include "hdecomp/error.h"

namespace hdecomp {
namespace {

/// A name of its own for each file: HDF5 takes two files in memory of one name for the same, and
/// gives the second opener the first one's bytes. And one that no file can have, for HDF5 looks for
/// it on the disk, and refuses the bytes where it is there.
std::string name_in_memory() {
  static std::atomic<uint64_t> count{0};
  return joined("/dev/null/hdecomp-", count.fetch_add(1));
}

}  // namespace

H5Handle create_hdf5_in_memory() {
  constexpr size_t growth = size_t{8} << 20;  // bytes
  const H5Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
  // What has a kilobyte or more begins at a multiple of 64 bytes, where a tensor can lie.
  if (!access.valid() || H5Pset_fapl_core(access, growth, false) < 0 ||
      H5Pset_alignment(access, 1024, 64) < 0) {
    throw Error("HDF5 cannot make a file in memory");
  }
  return {checked(H5Fcreate(name_in_memory().c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, access),
                  "no file in memory"),
          H5Fclose};
}

namespace {

/// What HDF5 asks for when it would copy a file's bytes: the bytes themselves, which are the
/// callbacks' `data`. Nothing is written through them, for the file is opened for reading.
void* same_bytes(size_t, H5FD_file_image_op_t, void* data) { return data; }
void* no_copy(void* to, const void*, size_t, H5FD_file_image_op_t, void*) { return to; }
void* no_growth(void*, size_t, H5FD_file_image_op_t, void*) { return nullptr; }
herr_t no_free(void*, H5FD_file_image_op_t, void*) { return 0; }
void* same_data(void* data) { return data; }
herr_t keep_data(void*) { return 0; }

}  // namespace

H5Handle open_hdf5_in_memory(std::span<const uint8_t> bytes, const std::string& line) {
  constexpr size_t growth = size_t{1} << 20;  // bytes; nothing grows
  const H5Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
  void* const image = const_cast<uint8_t*>(bytes.data());
  H5FD_file_image_callbacks_t own{same_bytes, no_copy,   no_growth, no_free,
                                  same_data,  keep_data, image};
  if (!access.valid() || H5Pset_fapl_core(access, growth, false) < 0 ||
      H5Pset_file_image_callbacks(access, &own) < 0 ||
      H5Pset_file_image(access, image, bytes.size()) < 0) {
    throw Error("HDF5 cannot open a file in memory");
  }
  return {checked(H5Fopen(name_in_memory().c_str(), H5F_ACC_RDONLY, access), line), H5Fclose};
}

std::vector<uint8_t> hdf5_bytes(hid_t file) {
  checked(H5Fflush(file, H5F_SCOPE_GLOBAL), "the file in memory cannot be finished");
  std::vector<uint8_t> bytes(checked(H5Fget_file_image(file, nullptr, 0), "the file has no size"));
  checked(H5Fget_file_image(file, bytes.data(), bytes.size()), "the file cannot be copied");
  return bytes;
}

}  // namespace hdecomp
