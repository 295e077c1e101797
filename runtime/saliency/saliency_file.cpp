/// Raw maps as NumPy and HDF5 files, and numbers out of a NumPy file.
#include <array>
#include <cstring>

#include "hdecomp/error.h"
#include "hdecomp/saliency.h"
#include "runtime/saliency/npy_bytes.h"
#include "weights/file/atomic_file.h"
#include "weights/file/file_bytes.h"
#include "weights/file/finite.h"
#include "weights/hdf5/hdf5_attributes.h"
#include "weights/hdf5/hdf5_memory.h"

namespace hdecomp {
namespace {

constexpr char npy_magic[] = "\x93NUMPY";
constexpr size_t npy_head = 10;  // magic, version, the header's length

void write_map(hid_t file, const SaliencyMap& map) {
  const std::string name = to_string(map.method);
  const std::vector<hsize_t> extent{static_cast<hsize_t>(map.channels),
                                    static_cast<hsize_t>(map.height),
                                    static_cast<hsize_t>(map.width)};
  write_dataset(file, name, extent, H5T_IEEE_F32LE, H5T_NATIVE_FLOAT, map.values.data());
  const H5Handle data(H5Dopen2(file, name.c_str(), H5P_DEFAULT), H5Dclose);
  write_attribute(data, "layer", map.layer);
  write_attribute(data, "class", map.decision.index);
}

std::vector<uint8_t> hdf5_of(std::span<const SaliencyMap> maps) {
  const SilentHdf5 silent;
  const H5Handle file = create_hdf5_in_memory();
  write_attribute(file, "format", std::string("hdecomp-saliency"));
  write_attribute(file, "format_version", int64_t{1});
  for (const SaliencyMap& map : maps) write_map(file, map);
  return hdf5_bytes(file);
}

}  // namespace

void save_saliencies(std::span<const SaliencyMap> maps, const std::string& path) {
  if (!path.ends_with(".npy")) return write_file_atomically(path, hdf5_of(maps));
  if (maps.size() != 1) {
    throw UserError(joined(path, ": a .npy file holds one map; give a .h5 file for ", maps.size()));
  }
  const SaliencyMap& map = maps.front();
  const std::array<int64_t, 3> shape{map.channels, map.height, map.width};
  write_file_atomically(path, npy_bytes(shape, map.values));
}

std::vector<float> load_npy(const std::string& path, int64_t count) {
  const FileBytes file(path);
  const std::span<const uint8_t> bytes = file.bytes();
  const auto refuse = [&](const auto&... why) -> void {
    throw UserError(joined(path, ": ", why...,
                           "; expected a .npy file of float32 in C order, as numpy.save writes"));
  };
  if (bytes.size() < npy_head || std::memcmp(bytes.data(), npy_magic, 6) != 0) {
    refuse("not a .npy file");
  }
  if (bytes[6] != 1) refuse("of .npy version ", int{bytes[6]});
  const size_t begin = npy_head + bytes[8] + 256 * size_t{bytes[9]};
  if (begin > bytes.size()) refuse("the file is cut short");
  const std::string header(bytes.begin() + npy_head, bytes.begin() + static_cast<long>(begin));
  if (header.find("'<f4'") == std::string::npos || header.find("True") != std::string::npos) {
    refuse("its numbers are something else");
  }
  if ((bytes.size() - begin) / sizeof(float) != static_cast<size_t>(count) ||
      (bytes.size() - begin) % sizeof(float) != 0) {
    refuse("holds ", (bytes.size() - begin) / sizeof(float), " numbers where ", count, " belong");
  }
  std::vector<float> numbers(static_cast<size_t>(count));
  std::memcpy(numbers.data(), bytes.data() + begin, numbers.size() * sizeof(float));
  if (const int64_t at = first_not_finite(numbers); at >= 0) {
    refuse("number ", at, " is ", numbers[at]);
  }
  return numbers;
}

}  // namespace hdecomp
