/// Reads a model file (weights/FORMAT.md) straight into its tensors.
#include "weights/model/model_file.h"

#include <hdf5.h>

#include <filesystem>
#include <set>

#include "hdecomp/error.h"
#include "weights/file/file_bytes.h"
#include "weights/file/in_quotes.h"
#include "weights/hdf5/hdf5_attributes.h"
#include "weights/hdf5/hdf5_handles.h"
#include "weights/hdf5/hdf5_memory.h"
#include "weights/hdf5/hdf5_read.h"
#include "weights/model/graph_text.h"
#include "weights/model/model_attributes.h"
#include "weights/model/model_format.h"
#include "weights/model/model_tensor.h"

namespace hdecomp {
namespace {

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

ModelData read_open(hid_t file, const ModelSource& source) {
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
  const H5Handle file = open_hdf5_in_memory(bytes, joined(name, no_hdf5));
  return read_open(file, {name, bytes.size(), bytes.data()});
}

}  // namespace hdecomp
