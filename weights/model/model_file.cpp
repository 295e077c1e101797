/// Reads a model file (weights/FORMAT.md) straight into its tensors.
#include "weights/model/model_file.h"

#include <hdf5.h>

#include <cmath>
#include <cstring>
#include <filesystem>
#include <set>
#include <utility>

#include "hdecomp/error.h"
#include "weights/file/convert_dtype.h"
#include "weights/file/file_bytes.h"
#include "weights/file/finite.h"
#include "weights/file/in_quotes.h"
#include "weights/file/mapped_floats.h"
#include "weights/file/parallel_read.h"
#include "weights/hdf5/hdf5_attributes.h"
#include "weights/hdf5/hdf5_half.h"
#include "weights/hdf5/hdf5_handles.h"
#include "weights/hdf5/hdf5_memory.h"
#include "weights/hdf5/hdf5_read.h"
#include "weights/model/graph_text.h"
#include "weights/model/model_format.h"

namespace hdecomp {
namespace {

/// A model's file: on a disk, or its bytes in memory.
struct Source {
  const std::string& path;         // or what stands for it in errors
  uint64_t size;                   // bytes
  const uint8_t* bytes = nullptr;  // of a file in memory
  ModelMemory memory = ModelMemory::own;
};

constexpr const char* no_hdf5 =
    ": not an HDF5 file, or a truncated one; hdecomp convert makes models of .pth, .safetensors, "
    ".onnx and Keras .h5 files";

/// Opens the file, telling what is wrong with one that is no model.
H5Handle open_model(const std::string& path) {
  const FileBytes regular_file(path);  // refuses folders, pipes, missing and empty files
  const H5Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
  H5Pset_fapl_sec2(access);  // whose files have a descriptor, whatever driver is the default
  return {checked(H5Fopen(path.c_str(), H5F_ACC_RDONLY, access), path, no_hdf5), H5Fclose};
}

void check_format(hid_t file, const Hdf5Reader& reader, const std::string& path) {
  if (!has_attribute(file, "format") || reader.text_attribute("format") != model_format) {
    throw UserError(joined(path, ": an HDF5 file but no hdecomp model (attribute 'format' is not '",
                           model_format, "'); hdecomp convert makes one of a Keras .h5 file"));
  }
  const int64_t version = reader.int_attribute("format_version");
  if (version < 1 || version > model_format_version) {
    throw UserError(joined(path, ": model format version ", version,
                           "; this hdecomp reads versions 1 to ", model_format_version));
  }
}

std::array<float, 3> three(const Hdf5Reader& reader, const std::string& path, const char* name) {
  const std::vector<float> values = reader.floats_attribute(name);
  if (values.size() != 3) throw UserError(joined(path, ": attribute '", name, "' needs 3 numbers"));
  return {values[0], values[1], values[2]};
}

/// Bilinear where an older file does not say it.
Interpolation read_interpolation(const Hdf5Reader& reader, const std::string& path) {
  if (!reader.has_attribute("interpolation")) return Interpolation::bilinear;
  const std::string name = reader.text_attribute("interpolation");
  for (const Interpolation each :
       {Interpolation::bilinear, Interpolation::bicubic, Interpolation::nearest}) {
    if (name == interpolation_name(each)) return each;
  }
  throw UserError(joined(path, ": attribute 'interpolation' is ", in_quotes(name),
                         "; expected 'bilinear', 'bicubic' or 'nearest'"));
}

/// One number of a square; height and width from version 3 on.
PixelSize read_size(const Hdf5Reader& reader, const std::string& path, const char* name) {
  const std::vector<int64_t> sides = reader.ints_attribute(name);
  if (sides.size() == 1) return sides[0];
  if (sides.size() != 2 || reader.int_attribute("format_version") < 3)
    throw UserError(joined(path, ": attribute '", name, "' is not one number"));
  return {sides[0], sides[1]};
}

/// By the names that the size has, square or not.
Resize read_resize(const Hdf5Reader& reader, const std::string& path, const PixelSize& size) {
  const std::string name = reader.text_attribute("resize");
  std::string expected;
  for (const Resize each : {Resize::cover, Resize::stretch}) {
    const char* known = resize_name({.resize = each, .size = size});
    if (name == known) return each;
    expected += joined(expected.empty() ? "'" : " or '", known, "'");
  }
  throw UserError(joined(path, ": attribute 'resize' is ", in_quotes(name), "; expected ", expected,
                         " with a size of ", size));
}

Preprocess read_preprocess(const Hdf5Reader& reader, const std::string& path) {
  Preprocess rule;
  rule.size = read_size(reader, path, "resize_size");
  rule.resize = read_resize(reader, path, rule.size);
  rule.interpolation = read_interpolation(reader, path);
  rule.crop = read_size(reader, path, "crop");
  rule.mean = three(reader, path, "mean");
  rule.std = three(reader, path, "std");
  check_preprocess(rule, path);
  return rule;
}

NetParams read_params(const Hdf5Reader& reader, const std::string& path) {
  NetParams params;
  params.arch = reader.text_attribute("arch");
  const std::string shown = in_quotes(params.arch);
  if (shown != "'" + params.arch + "'") {
    throw UserError(joined(path, ": unknown architecture ", shown));
  }

  params.widths = reader.ints_attribute("widths");
  params.hidden_units = reader.ints_attribute("hidden_units");
  params.classes = reader.int_attribute("class_count");
  params.input_size = read_size(reader, path, "crop");
  params.pool_size = reader.int_attribute("pool_size");
  params.stride_in_1x1 = reader.int_attribute("stride_in_1x1") != 0;
  return params;
}

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
int64_t read_contiguous(hid_t file, const Source& source, hid_t data, const std::string& line,
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
  if (source.memory == ModelMemory::mapped) {
    if (auto mapped = map_floats(descriptor, offset, shape)) {
      tensor = std::move(*mapped);
      return first_not_finite(std::as_const(tensor).span());
    }
  }
  tensor = Tensor(Device{}, shape);
  try {
    return read_floats(descriptor, offset, tensor.span());
  } catch (const UserError& fault) {
    throw UserError(joined(line, " is unreadable: ", fault.what()));
  }
}

/// Reads one dataset into a new tensor after checking that the file holds what it says.
Tensor read_tensor(hid_t file, const Source& source, const std::string& name, const Shape& wanted) {
  const std::string& path = source.path;
  if (!has_link(file, name.substr(0, name.rfind('/'))) || !has_link(file, name)) {
    throw UserError(joined(path, ": tensor ", name, " is missing; expected shape ", wanted));
  }
  const H5Handle data = open_dataset(file, name);
  checked(data.get(), path, ": ", name, " is no dataset of this file");
  require_own_values(data, joined(path, ": tensor ", name));
  const H5Handle space(H5Dget_space(data), H5Sclose);
  const H5Handle type(H5Dget_type(data), H5Tclose);
  const int rank = H5Sget_simple_extent_ndims(space);
  std::array<hsize_t, Shape::max_rank> extent{};
  if (rank < 0 || rank > Shape::max_rank) {
    throw UserError(
        joined(path, ": tensor ", name, " has ", rank, " dimensions; expected ", wanted));
  }
  H5Sget_simple_extent_dims(space, extent.data(), nullptr);
  const std::vector<int64_t> dims(extent.begin(), extent.begin() + rank);
  if (dims != wanted.dims()) {
    throw UserError(
        joined(path, ": tensor ", name, " has shape ", dims_text(dims), ", expected ", wanted));
  }
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
        path, ": tensor ", name,
        " is not stored as contiguous little-endian float32 or float16 in this file, or is cut "
        "short"));
  }
  Tensor tensor;
  const std::string line = joined(path, ": tensor ", name);
  const int64_t bad = is_half ? read_halves(data, line, wanted, tensor)
                              : read_contiguous(file, source, data, line, wanted, tensor);
  if (bad >= 0) refuse_not_finite(path, name.substr(std::strlen("/layers/")), tensor, bad);
  return tensor;
}

/// Refuses layers that the graph does not have.
void check_no_extra(hid_t file, const std::string& path, const Graph& graph) {
  const H5Handle layers = open_group(file, "/layers");
  checked(layers.get(), path, ": no group /layers in this file");
  std::set<std::string> known;
  for (const Node& node : graph.nodes) {
    if (has_weights(node)) known.insert(node.name);
  }
  H5G_info_t info{};
  checked(H5Gget_info(layers, &info), path, ": group /layers is unreadable");
  for (hsize_t i = 0; i < info.nlinks; ++i) {
    std::array<char, 256> name{};
    checked(H5Lget_name_by_idx(layers, ".", H5_INDEX_NAME, H5_ITER_INC, i, name.data(), name.size(),
                               H5P_DEFAULT),
            path, ": group /layers is unreadable");
    if (!known.contains(name.data())) {
      throw UserError(joined(path, ": tensor group /layers/", in_quotes(name.data()),
                             " is extra: ", graph.arch, " has no such layer"));
    }
  }
}

/// The graph that the file itself holds.
Graph general_graph(const Hdf5Reader& reader, const NetParams& params) {
  constexpr int64_t largest_input = 4096;
  if (!params.input_size.fits_in(largest_input))
    throw UserError("an input of more than 4096 pixels");
  return graph_of_lines(reader.strings("nodes"), reader.strings("stages"), params.input_size,
                        params.classes);
}

ModelData read_open(hid_t file, const Source& source) {
  const std::string& path = source.path;
  const Hdf5Reader reader(path, file);
  check_format(file, reader, path);
  ModelData model;
  model.params = read_params(reader, path);
  model.preprocess = read_preprocess(reader, path);
  model.source = reader.text_attribute("source");
  model.classes = reader.strings("classes");
  model.wnids = reader.strings("wnids");
  try {
    model.graph = model.params.arch == general_arch ? general_graph(reader, model.params)
                                                    : build_graph(model.params);
  } catch (const UserError& fault) {
    throw UserError(joined(path, ": ", fault.what()));
  }
  check_class_lists(model, path);
  check_no_extra(file, path, model.graph);
  model.layers.resize(model.graph.nodes.size());
  for (int i = 0; i <= model.graph.scores(); ++i) {
    const Node& node = model.graph.nodes[i];
    if (!has_weights(node)) continue;
    const std::string group = "/layers/" + node.name;
    const Shape shape(weight_dims(model.graph, i));
    model.layers[i].weight = read_tensor(file, source, group + "/weight", shape);
    const Shape bias(bias_dims(model.graph, i));
    if (bias.rank() > 0) model.layers[i].bias = read_tensor(file, source, group + "/bias", bias);
  }
  return model;
}

}  // namespace

ModelData read_model(const std::string& path, ModelMemory memory) {
  const SilentHdf5 silent;
  const H5Handle file = open_model(path);
  return read_open(file, {path, std::filesystem::file_size(path), nullptr, memory});
}

ModelData read_model(std::span<const uint8_t> bytes, const std::string& name) {
  const SilentHdf5 silent;
  if (bytes.empty()) throw UserError(joined(name, ": no bytes; give a model file's"));
  const H5Handle file = open_hdf5_over(bytes, joined(name, no_hdf5));
  return read_open(file, {name, bytes.size(), bytes.data()});
}

}  // namespace hdecomp
