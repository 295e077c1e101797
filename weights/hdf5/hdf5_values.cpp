/// Numbers out of HDF5 files, after a look at how they are stored.
#include <algorithm>

#include "hdecomp/error.h"
#include "weights/hdf5/hdf5_read.h"

namespace hdecomp {
namespace {

// HDF5 inflates a compressed chunk to whatever comes out, a thousand times its bytes: no bound can
// be set from outside.
void refuse_compression(hid_t creation, const std::string& line) {
  const int filters = H5Pget_nfilters(creation);
  for (int i = 0; i < filters; ++i) {
    unsigned flags = 0, config = 0;
    size_t values = 0;
    const H5Z_filter_t filter = H5Pget_filter2(creation, static_cast<unsigned>(i), &flags, &values,
                                               nullptr, 0, nullptr, &config);
    if (filter == H5Z_FILTER_SHUFFLE || filter == H5Z_FILTER_FLETCHER32) continue;
    throw UserError(
        joined(line, " is compressed; write the file without (h5repack -f NONE IN OUT)"));
  }
}

// HDF5 makes a whole chunk in memory to read any of it.
void check_chunks(hid_t creation, uint64_t bytes, const std::string& line) {
  constexpr uint64_t usual = uint64_t{1} << 20;  // elements; what h5py guesses for growing datasets
  hsize_t extent[Shape::max_rank] = {};
  const int rank = H5Pget_chunk(creation, Shape::max_rank, extent);
  const uint64_t most = std::max(usual, bytes);
  uint64_t elements = rank < 0 ? most + 1 : 1;
  for (int i = 0; i < std::min(rank, int{Shape::max_rank}); ++i) {
    elements = extent[i] > most / std::max<uint64_t>(elements, 1) ? most + 1 : elements * extent[i];
    if (elements > most) break;
  }
  if (elements <= most) return;
  throw UserError(joined(line, " has chunks larger than itself: the file is damaged"));
}

// Values in other files would be read from wherever the file says, and absent ones as zeros.
void check_storage(hid_t dataset, uint64_t bytes, const std::string& line) {
  require_own_values(dataset, line);
  const H5Handle creation(H5Dget_create_plist(dataset), H5Pclose);
  const H5D_layout_t layout = H5Pget_layout(creation);
  if (layout != H5D_CHUNKED && H5Dget_storage_size(dataset) < bytes) {
    throw UserError(joined(line, " is not all there: the file is damaged"));
  }
  if (layout != H5D_CHUNKED) return;
  check_chunks(creation, bytes, line);
  refuse_compression(creation, line);
}

Shape read_shape(hid_t space, const std::string& line) {
  const int rank = H5Sget_simple_extent_ndims(space);
  if (rank < 0 || rank > Shape::max_rank || H5Sget_simple_extent_type(space) == H5S_NULL) {
    throw UserError(
        joined(line, " has ", rank, " dimensions; 0 to ", Shape::max_rank, " are read"));
  }
  hsize_t extent[Shape::max_rank] = {};
  checked(H5Sget_simple_extent_dims(space, extent, nullptr), line, " has no extent: damaged");
  constexpr hsize_t most = hsize_t{1} << 31;
  hsize_t elements = 1;
  for (int i = 0; i < rank; ++i) {
    if (extent[i] > most || elements > most / std::max<hsize_t>(extent[i], 1)) {
      throw UserError(joined(line, " has more than ", most, " elements"));
    }
    elements *= std::max<hsize_t>(extent[i], 1);
  }
  return Shape(std::vector<int64_t>(extent, extent + rank));
}

}  // namespace

void require_own_values(hid_t dataset, const std::string& line) {
  const H5Handle creation(H5Dget_create_plist(dataset), H5Pclose);
  checked(creation.get(), line, " cannot be read: the file is damaged");
  if (H5Pget_layout(creation) == H5D_VIRTUAL || H5Pget_external_count(creation) != 0) {
    throw UserError(joined(line, " has its values in another file; give a file that holds them"));
  }
}

std::optional<Tensor> read_floats(hid_t dataset, SizeBudget& budget, const std::string& line) {
  const H5Handle type(H5Dget_type(dataset), H5Tclose);
  if (H5Tget_class(checked(type.get(), line, " has no type: damaged")) != H5T_FLOAT) {
    return std::nullopt;
  }
  const H5Handle space(H5Dget_space(dataset), H5Sclose);
  checked(space.get(), line, " has no extent: damaged");
  const Shape shape = read_shape(space, line);
  check_storage(dataset, static_cast<uint64_t>(shape.elements()) * H5Tget_size(type), line);
  budget.take(static_cast<uint64_t>(shape.elements()) * sizeof(float), line);
  Tensor tensor(Device{}, shape);
  if (tensor.elements() > 0) {
    checked(H5Dread(dataset, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, tensor.data()), line,
            " cannot be read: the file is damaged");
  }
  return tensor;
}

void read_channels(hid_t parent, const std::string& name, const ChannelNumbers& numbers,
                   void* values, const std::string& what, const std::string& remedy) {
  const H5Handle data = open_dataset(parent, name);
  if (!data.valid()) {
    throw UserError(joined(what, " are missing; there must be ", numbers.channels, remedy));
  }
  const H5Handle type(H5Dget_type(data), H5Tclose), space(H5Dget_space(data), H5Sclose),
      creation(H5Dget_create_plist(data), H5Pclose);
  hsize_t extent[H5S_MAX_RANK] = {};
  if (H5Sget_simple_extent_dims(space, extent, nullptr) != 1 || extent[0] != numbers.channels) {
    throw UserError(joined(what, " are not one number for each of its ", numbers.channels,
                           " channels", remedy));
  }
  // Values that are not here would be read from other files, or as zeros.
  if (H5Tequal(type, numbers.type) <= 0 || H5Pget_layout(creation) != H5D_CONTIGUOUS ||
      H5Pget_external_count(creation) != 0 ||
      H5Dget_storage_size(data) != numbers.channels * H5Tget_size(numbers.type)) {
    throw UserError(joined(what, " are not stored as contiguous ", numbers.words));
  }
  checked(H5Dread(data, numbers.memory_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values), what,
          " cannot be read: the file is damaged");
}

}  // namespace hdecomp
