/// Reading strings and float tensors of foreign HDF5 files, with every size checked that the
/// library shows. What it does not show it must check itself: libhdf5 1.10 can crash on files that
/// were altered on purpose, in its reading of object headers and of strings of variable length, and
/// no caller can prevent that.
#pragma once

#include <hdf5.h>

#include <optional>
#include <string>
#include <vector>

#include "kernels/core/tensor.h"
#include "weights/file/size_budget.h"
#include "weights/hdf5/hdf5_handles.h"

namespace hdecomp {

/// Opens for reading; takes no lock, so that a file in use or on a read-only disk can be read.
H5Handle open_hdf5(const std::string& path);

/// Opens a file of ours to change it; who calls has it alone.
H5Handle change_hdf5(const std::string& path);

/// A group or dataset below `parent`; links into other files are not followed. Invalid if it is not
/// there.
H5Handle open_group(hid_t parent, const std::string& name);
H5Handle open_dataset(hid_t parent, const std::string& name);

/// Whether `name` is linked below `parent`; it takes each group on the way, in this file alone.
bool has_link(hid_t parent, const std::string& name);

/// Throws UserError, one line that begins with `line`, if the dataset's values are in another file
/// (external storage, a virtual data set).
void require_own_values(hid_t dataset, const std::string& line);

bool has_attribute(hid_t object, const std::string& name);

/// An attribute's strings, of fixed or variable length, in their order; an attribute without
/// elements gives none. Throws UserError, one line that begins with `line`, if it is missing or
/// something else.
std::vector<std::string> read_strings(hid_t object, const std::string& name,
                                      const std::string& line);

/// What a dataset of ours with a number for each channel must be: contiguous, of this type, which
/// `words` name.
struct ChannelNumbers {
  hid_t type, memory_type;
  const char* words;
  hsize_t channels;
};
/// Reads dataset `name` below `parent` to `values`. Throws UserError, one line that begins with
/// `what` ("FILE: the means of layer conv1") and ends with `remedy`, if it is missing or something
/// else.
void read_channels(hid_t parent, const std::string& name, const ChannelNumbers& numbers,
                   void* values, const std::string& what, const std::string& remedy);

/// The dataset's values as floats; nothing if it does not hold floats. Takes its bytes from the
/// budget. Throws UserError, one line that begins with `line`, if it has more than four dimensions
/// or 2^31 elements, has its values in another file, or cannot be read.
std::optional<Tensor> read_floats(hid_t dataset, SizeBudget& budget, const std::string& line);

}  // namespace hdecomp
