/// HDF5 files are opened, and strings read, without a way out of the file.
#include "weights/hdf5/hdf5_read.h"

#include <algorithm>
#include <cstring>

#include "hdecomp/error.h"

namespace hdecomp {
namespace {

constexpr hssize_t max_strings = 1 << 20;
constexpr size_t max_string_bytes = size_t{16} << 20;

herr_t refuse_link(const char*, const char*, const char*, const char*, unsigned*, hid_t, void*) {
  return -1;
}

// Access properties of the given class with which an external link leads nowhere.
H5Handle inside_only(hid_t property_class) {
  H5Handle properties(H5Pcreate(property_class), H5Pclose);
  if (!properties.valid() || H5Pset_elink_cb(properties, refuse_link, nullptr) < 0) {
    throw Error("HDF5 cannot make access properties");
  }
  return properties;
}

// Frees the strings that HDF5 allocated while reading.
class VariableStrings {
 public:
  VariableStrings(hid_t type, hid_t space, size_t count)
      : type_(type), space_(space), strings_(count, nullptr) {}
  ~VariableStrings() { H5Dvlen_reclaim(type_, space_, H5P_DEFAULT, strings_.data()); }
  VariableStrings(const VariableStrings&) = delete;
  VariableStrings& operator=(const VariableStrings&) = delete;

  char** data() { return strings_.data(); }
  std::vector<std::string> copy() const {
    std::vector<std::string> result;
    for (const char* string : strings_) result.emplace_back(string != nullptr ? string : "");
    return result;
  }

 private:
  hid_t type_;
  hid_t space_;
  std::vector<char*> strings_;
};

std::vector<std::string> read_fixed(hid_t attribute, hid_t type, size_t count,
                                    const std::string& line) {
  const size_t length = H5Tget_size(type);
  if (length == 0 || length > max_string_bytes / count) {
    throw UserError(joined(line, " is too long: the file is damaged"));
  }
  std::vector<char> bytes(length * count);
  checked(H5Aread(attribute, type, bytes.data()), line, " cannot be read: the file is damaged");
  std::vector<std::string> result;
  for (size_t i = 0; i < count; ++i) {
    const char* first = bytes.data() + i * length;
    std::string string(first, std::find(first, first + length, '\0'));
    if (H5Tget_strpad(type) == H5T_STR_SPACEPAD) string.erase(string.find_last_not_of(' ') + 1);
    result.push_back(std::move(string));
  }
  return result;
}

/// File access that takes no lock.
H5Handle without_lock() {
  H5Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
  if (!access.valid() || H5Pset_file_locking(access, false, true) < 0) {
    throw Error("HDF5 cannot make file access properties");
  }
  return access;
}

}  // namespace

H5Handle open_hdf5(const std::string& path) {
  return {checked(H5Fopen(path.c_str(), H5F_ACC_RDONLY, without_lock()), path,
                  ": cannot be read as an HDF5 file: it is damaged or cut short"),
          H5Fclose};
}

H5Handle change_hdf5(const std::string& path) {
  return {checked(H5Fopen(path.c_str(), H5F_ACC_RDWR, without_lock()), path,
                  ": cannot be changed as an HDF5 file: it is damaged, cut short or read-only"),
          H5Fclose};
}

H5Handle open_group(hid_t parent, const std::string& name) {
  return {H5Gopen2(parent, name.c_str(), inside_only(H5P_GROUP_ACCESS)), H5Gclose};
}

H5Handle open_dataset(hid_t parent, const std::string& name) {
  return {H5Dopen2(parent, name.c_str(), inside_only(H5P_DATASET_ACCESS)), H5Dclose};
}

bool has_link(hid_t parent, const std::string& name) {
  return H5Lexists(parent, name.c_str(), inside_only(H5P_LINK_ACCESS)) > 0;
}

bool has_attribute(hid_t object, const std::string& name) {
  return H5Aexists(object, name.c_str()) > 0;
}

std::vector<std::string> read_strings(hid_t object, const std::string& name,
                                      const std::string& line) {
  const H5Handle attribute(H5Aopen(object, name.c_str(), H5P_DEFAULT), H5Aclose);
  checked(attribute.get(), line, " is missing");
  const H5Handle space(H5Aget_space(attribute), H5Sclose);
  const H5Handle type(H5Aget_type(attribute), H5Tclose);
  if (!space.valid() || !type.valid()) throw UserError(joined(line, " is damaged"));
  const hssize_t count = checked(H5Sget_simple_extent_npoints(space), line, " is damaged");
  if (count == 0) return {};  // Keras writes an empty list as no floats
  if (H5Tget_class(type) != H5T_STRING || count > max_strings) {
    throw UserError(joined(line, " is not a list of names: the file is damaged"));
  }
  const auto names = static_cast<size_t>(count);
  if (H5Tis_variable_str(type) <= 0) return read_fixed(attribute, type, names, line);
  VariableStrings strings(type, space, names);
  checked(H5Aread(attribute, type, strings.data()), line, " cannot be read: the file is damaged");
  return strings.copy();
}

}  // namespace hdecomp
