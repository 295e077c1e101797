/// Attributes and string lists of an HDF5 file, read with their bounds checked, and written; groups
/// and datasets, written.
#pragma once

#include <hdf5.h>

#include <cstdint>
#include <string>
#include <vector>

#include "weights/hdf5/hdf5_handles.h"

namespace hdecomp {

/// Reads a model's attributes and string datasets. Every reader throws UserError, a line that
/// begins with the file's name, if the thing is missing, of another kind, or absurdly large.
class Hdf5Reader {
 public:
  Hdf5Reader(std::string file, hid_t root) : file_(std::move(file)), root_(root) {}

  bool has_attribute(const std::string& name) const;
  std::string text_attribute(const std::string& name) const;
  std::vector<int64_t> ints_attribute(const std::string& name) const;
  int64_t int_attribute(const std::string& name) const;
  std::vector<float> floats_attribute(const std::string& name) const;
  /// Throws UserError where attribute 'format_version' of a file of `what` ("means") is another.
  void require_version(const std::string& what, int64_t version) const;
  /// A one-dimensional dataset of fixed-length strings; empty if there is no such dataset.
  std::vector<std::string> strings(const std::string& dataset) const;

 private:
  template <class T>
  std::vector<T> numbers(const std::string& name, H5T_class_t kind, hid_t memory_type) const;

  std::string file_;
  hid_t root_;
};

/// Throws UserError, a line that begins with the file's name, where the model that a file of `what`
/// ("means") says it belongs to is another: both by their SHA-256.
void require_model(const std::string& file, const std::string& what, const std::string& found,
                   const std::string& model_sha256);

/// A new dataset without a time of its making, so that the same content gives the same bytes.
/// Throws UserError that names it.
H5Handle create_dataset(hid_t group, const std::string& name, hid_t type, hid_t space);

/// A new group. Throws UserError that names it.
H5Handle create_group(hid_t parent, const std::string& name);

/// A new dataset with these values, `memory_type` each, of all `extent`. Throws UserError that
/// names it.
void write_dataset(hid_t group, const std::string& name, const std::vector<hsize_t>& extent,
                   hid_t type, hid_t memory_type, const void* values);

/// Writers; they throw UserError naming the attribute if HDF5 fails (a full disk).
void write_attribute(hid_t root, const std::string& name, const std::string& value);
void write_attribute(hid_t root, const std::string& name, const std::vector<int64_t>& values);
void write_attribute(hid_t root, const std::string& name, int64_t value);
void write_attribute(hid_t root, const std::string& name, const std::vector<float>& values);
void write_strings(hid_t root, const std::string& dataset, const std::vector<std::string>& values);

}  // namespace hdecomp
