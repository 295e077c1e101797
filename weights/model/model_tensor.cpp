/// Reads a model file's tensors straight into place.
#include "weights/model/model_tensor.h"

#include <array>
#include <cstring>
#include <utility>

#include "hdecomp/error.h"
#include "weights/file/convert_dtype.h"
#include "weights/file/finite.h"
#include "weights/file/mapped_floats.h"
#include "weights/file/parallel_read.h"
#include "weights/hdf5/hdf5_half.h"
#include "weights/hdf5/hdf5_handles.h"
#include "weights/hdf5/hdf5_read.h"
#include "weights/model/model_format.h"

namespace hdecomp {
namespace {

/// A new tensor of a dataset of 16-bit numbers; gives the position of the first that is not finite,
/// or -1.
int64_t read_halves(hid_t data, const std::string& line, const Shape& shape, Tensor& tensor) {
  tensor = Tensor(Device{}, shape);
  std::vector<uint16_t> values(static_cast<size_t>(tensor.elements()));
  checked(H5Dread(data, H5Handle(half_type()), H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()), line,
          " is unreadable");
  convert_to_float(ElementType::float16, reinterpret_cast<const uint8_t*>(values.data()), 1,
                   tensor.elements(), tensor.data());
  return first_not_finite(tensor.span());
}

/// The same from a dataset that lies in the file as float32, in one piece: into a new tensor, or
/// one on the file's pages.
int64_t read_contiguous(hid_t file, const ModelSource& source, hid_t data, const std::string& line,
                        const Shape& shape, Tensor& tensor) {
  if (source.bytes != nullptr) {
    tensor = Tensor(Device{}, shape);
    std::memcpy(tensor.data(), source.bytes + H5Dget_offset(data), tensor.span().size_bytes());
    return first_not_finite(std::as_const(tensor).span());
  }
  void* handle = nullptr;
  const H5Handle access(H5Fget_access_plist(file), H5Pclose);
  checked(H5Fget_vfd_handle(file, access, &handle), line, " is unreadable");
  const int descriptor = *static_cast<int*>(handle);
  const auto offset = static_cast<int64_t>(H5Dget_offset(data));
  if (source.memory != ModelMemory::own) {
    if (auto mapped = map_floats(descriptor, offset, shape)) {
      tensor = std::move(*mapped);
      const std::span<const float> values = std::as_const(tensor).span();
      const int64_t bad = first_not_finite(values);
      if (source.memory == ModelMemory::mapped_in_passing)
        let_go(values.data(), std::ssize(values));
      return bad;
    }
  }
  tensor = Tensor(Device{}, shape);
  try {
    return read_floats(descriptor, offset, tensor.span());
  } catch (const UserError& fault) {
    throw UserError(joined(line, " is unreadable: ", fault.what()));
  }
}

/// `line`: the file and the tensor.
void require_shape(hid_t data, const std::string& line, const Shape& wanted) {
  const H5Handle space(H5Dget_space(data), H5Sclose);
  const int rank = H5Sget_simple_extent_ndims(space);
  std::array<hsize_t, Shape::max_rank> extent{};
  if (rank < 0 || rank > Shape::max_rank) {
    throw UserError(joined(line, " has ", rank, " dimensions; expected ", wanted));
  }
  H5Sget_simple_extent_dims(space, extent.data(), nullptr);
  const std::vector<int64_t> dims(extent.begin(), extent.begin() + rank);
  if (dims != wanted.dims()) {
    throw UserError(joined(line, " has shape ", dims_text(dims), ", expected ", wanted));
  }
}

}  // namespace

Tensor read_tensor(hid_t file, const ModelSource& source, const std::string& name,
                   const Shape& wanted) {
  const std::string& path = source.path;
  const std::string line = joined(path, ": tensor ", name);
  if (!has_link(file, name.substr(0, name.rfind('/'))) || !has_link(file, name)) {
    throw UserError(joined(line, " is missing; expected shape ", wanted));
  }
  const H5Handle data = open_dataset(file, name);
  checked(data.get(), path, ": ", name, " is no dataset of this file");
  require_own_values(data, line);
  require_shape(data, line, wanted);
  const H5Handle type(H5Dget_type(data), H5Tclose);
  const H5Handle plist(H5Dget_create_plist(data), H5Pclose);
  const H5Handle halves = half_type();
  const bool is_half = H5Tequal(type, halves) > 0;
  const hsize_t bytes =
      static_cast<hsize_t>(wanted.elements()) * (is_half ? sizeof(uint16_t) : sizeof(float));
  const hsize_t file_bytes = source.size;
  if ((!is_half && H5Tequal(type, H5T_IEEE_F32LE) <= 0) || H5Pget_layout(plist) != H5D_CONTIGUOUS ||
      H5Pget_external_count(plist) != 0 || H5Dget_storage_size(data) != bytes ||
      H5Dget_offset(data) > file_bytes || file_bytes - H5Dget_offset(data) < bytes) {
    throw UserError(joined(
        line,
        " is not stored as contiguous little-endian float32 or float16 in this file, or is cut "
        "short"));
  }
  Tensor tensor;
  const int64_t bad = is_half ? read_halves(data, line, wanted, tensor)
                              : read_contiguous(file, source, data, line, wanted, tensor);
  if (bad >= 0) refuse_not_finite(path, name.substr(std::strlen("/layers/")), tensor, bad);
  return tensor;
}

}  // namespace hdecomp
