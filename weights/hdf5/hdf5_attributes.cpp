/// Attribute and string-list access through the HDF5 C library.
#include "weights/hdf5/hdf5_attributes.h"

#include <algorithm>

#include "weights/file/in_quotes.h"
#include "weights/hdf5/hdf5_read.h"

namespace hdecomp {
namespace {

constexpr size_t max_text = size_t{1} << 16;        // bytes of one attribute or class name
constexpr hssize_t max_values = hssize_t{1} << 20;  // numbers of one attribute, or class names

/// Cuts the padding of a fixed-length string.
std::string unpadded(const char* data, size_t size) {
  return {data, static_cast<size_t>(std::find(data, data + size, '\0') - data)};
}

H5Handle text_type(size_t size) {
  H5Handle type(checked(H5Tcopy(H5T_C_S1), "HDF5: no string type"), H5Tclose);
  checked(H5Tset_size(type, std::max<size_t>(size, 1)), "HDF5: no string of ", size, " bytes");
  checked(H5Tset_cset(type, H5T_CSET_UTF8), "HDF5: no UTF-8 string");
  checked(H5Tset_strpad(type, H5T_STR_NULLPAD), "HDF5: no padded string");
  return type;
}

void write_numbers(hid_t root, const std::string& name, hid_t file_type, hid_t memory_type,
                   const void* data, hsize_t count, bool scalar) {
  const H5Handle space(scalar ? H5Screate(H5S_SCALAR) : H5Screate_simple(1, &count, nullptr),
                       H5Sclose);
  const H5Handle attribute(
      checked(H5Acreate2(root, name.c_str(), file_type, space, H5P_DEFAULT, H5P_DEFAULT),
              "attribute '", name, "' cannot be written"),
      H5Aclose);
  if (count == 0) return;  // an empty list is all in its extent
  checked(H5Awrite(attribute, memory_type, data), "attribute '", name, "' cannot be written");
}

}  // namespace

bool Hdf5Reader::has_attribute(const std::string& name) const {
  return hdecomp::has_attribute(root_, name);
}

std::string Hdf5Reader::text_attribute(const std::string& name) const {
  const H5Handle attribute(checked(H5Aopen(root_, name.c_str(), H5P_DEFAULT), file_,
                                   ": no attribute '", name, "'; is it a hdecomp model?"),
                           H5Aclose);
  const H5Handle type(H5Aget_type(attribute), H5Tclose);
  const H5Handle space(H5Aget_space(attribute), H5Sclose);
  if (H5Tget_class(type) != H5T_STRING || H5Sget_simple_extent_npoints(space) != 1) {
    throw UserError(joined(file_, ": attribute '", name, "' is not one text"));
  }
  if (H5Tis_variable_str(type) > 0) {
    throw UserError(joined(file_, ": attribute '", name, "' has variable length; expected fixed"));
  }
  const size_t size = H5Tget_size(type);
  if (size > max_text) throw UserError(joined(file_, ": attribute '", name, "' is too long"));
  std::vector<char> data(size + 1, '\0');
  checked(H5Aread(attribute, type, data.data()), file_, ": attribute '", name, "' is unreadable");
  return unpadded(data.data(), size);
}

template <class T>
std::vector<T> Hdf5Reader::numbers(const std::string& name, H5T_class_t kind,
                                   hid_t memory_type) const {
  const H5Handle attribute(
      checked(H5Aopen(root_, name.c_str(), H5P_DEFAULT), file_, ": no attribute '", name, "'"),
      H5Aclose);
  const H5Handle type(H5Aget_type(attribute), H5Tclose);
  const H5Handle space(H5Aget_space(attribute), H5Sclose);
  const hssize_t count = H5Sget_simple_extent_npoints(space);
  if (H5Tget_class(type) != kind || count < 0 || count > max_values) {
    throw UserError(joined(file_, ": attribute '", name, "' is not a list of numbers as expected"));
  }
  std::vector<T> values(count);
  if (count > 0) {
    checked(H5Aread(attribute, memory_type, values.data()), file_, ": attribute '", name,
            "' is unreadable");
  }
  return values;
}

std::vector<int64_t> Hdf5Reader::ints_attribute(const std::string& name) const {
  return numbers<int64_t>(name, H5T_INTEGER, H5T_NATIVE_INT64);
}

int64_t Hdf5Reader::int_attribute(const std::string& name) const {
  const std::vector<int64_t> values = ints_attribute(name);
  if (values.size() != 1) {
    throw UserError(joined(file_, ": attribute '", name, "' is not one number"));
  }
  return values[0];
}

std::vector<float> Hdf5Reader::floats_attribute(const std::string& name) const {
  return numbers<float>(name, H5T_FLOAT, H5T_NATIVE_FLOAT);
}

void Hdf5Reader::require_version(const std::string& what, int64_t version) const {
  const int64_t found = int_attribute("format_version");
  if (found == version) return;
  throw UserError(joined(file_, ": ", what, " format version ", found,
                         "; this hdecomp reads version ", version));
}

void require_model(const std::string& file, const std::string& what, const std::string& found,
                   const std::string& model_sha256) {
  if (found == model_sha256) return;
  throw UserError(joined(file, ": ", what, " of another model: its SHA-256 is ", in_quotes(found),
                         ", this one's '", model_sha256,
                         "'; give the model that it was made with"));
}

std::vector<std::string> Hdf5Reader::strings(const std::string& dataset) const {
  if (!has_link(root_, dataset)) return {};
  const H5Handle data = open_dataset(root_, dataset);
  checked(data.get(), file_, ": dataset '", dataset, "' is unreadable, or in another file");
  require_own_values(data, joined(file_, ": dataset '", dataset, "'"));
  const H5Handle type(H5Dget_type(data), H5Tclose);
  const H5Handle space(H5Dget_space(data), H5Sclose);
  const hssize_t count = H5Sget_simple_extent_npoints(space);
  const bool fixed_text = H5Tget_class(type) == H5T_STRING && H5Tis_variable_str(type) == 0;
  const size_t size = H5Tget_size(type);
  if (!fixed_text || count < 0 || count > max_values || size > max_text ||
      H5Dget_storage_size(data) != static_cast<hsize_t>(count) * size) {
    throw UserError(joined(file_, ": dataset '", dataset, "' is not a list of fixed-length texts"));
  }
  std::vector<char> bytes(static_cast<size_t>(count) * size);
  if (count > 0) {
    checked(H5Dread(data, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, bytes.data()), file_, ": dataset '",
            dataset, "' is unreadable");
  }
  std::vector<std::string> values;
  for (hssize_t i = 0; i < count; ++i) values.push_back(unpadded(bytes.data() + i * size, size));
  return values;
}

H5Handle create_dataset(hid_t group, const std::string& name, hid_t type, hid_t space) {
  const H5Handle creation(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
  checked(H5Pset_obj_track_times(creation, false), "HDF5: no dataset without its time");
  return {checked(H5Dcreate2(group, name.c_str(), type, space, H5P_DEFAULT, creation, H5P_DEFAULT),
                  "dataset '", name, "' cannot be written"),
          H5Dclose};
}

H5Handle create_group(hid_t parent, const std::string& name) {
  return {checked(H5Gcreate2(parent, name.c_str(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT),
                  "group '", name, "' cannot be written"),
          H5Gclose};
}

void write_dataset(hid_t group, const std::string& name, const std::vector<hsize_t>& extent,
                   hid_t type, hid_t memory_type, const void* values) {
  const H5Handle space(H5Screate_simple(static_cast<int>(extent.size()), extent.data(), nullptr),
                       H5Sclose);
  const H5Handle data = create_dataset(group, name, type, space);
  checked(H5Dwrite(data, memory_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values), "dataset '", name,
          "' cannot be written");
}

void write_attribute(hid_t root, const std::string& name, const std::string& value) {
  const H5Handle type = text_type(value.size());
  write_numbers(root, name, type, type, value.c_str(), 1, true);
}

void write_attribute(hid_t root, const std::string& name, const std::vector<int64_t>& values) {
  write_numbers(root, name, H5T_STD_I64LE, H5T_NATIVE_INT64, values.data(), values.size(), false);
}

void write_attribute(hid_t root, const std::string& name, int64_t value) {
  write_numbers(root, name, H5T_STD_I64LE, H5T_NATIVE_INT64, &value, 1, true);
}

void write_attribute(hid_t root, const std::string& name, const std::vector<float>& values) {
  write_numbers(root, name, H5T_IEEE_F32LE, H5T_NATIVE_FLOAT, values.data(), values.size(), false);
}

void write_strings(hid_t root, const std::string& dataset, const std::vector<std::string>& values) {
  size_t longest = 1;
  for (const std::string& value : values) longest = std::max(longest, value.size());
  std::vector<char> bytes(longest * values.size(), '\0');
  for (size_t i = 0; i < values.size(); ++i) {
    std::ranges::copy(values[i], bytes.begin() + static_cast<ptrdiff_t>(i * longest));
  }
  const H5Handle type = text_type(longest);
  write_dataset(root, dataset, {values.size()}, type, type, bytes.data());
}

}  // namespace hdecomp
