/// Means files as HDF5 sees them.
#include "runtime/ablation/means_file.h"

#include <cmath>

#include "hdecomp/error.h"
#include "weights/file/atomic_file.h"
#include "weights/file/file_bytes.h"
#include "weights/hdf5/hdf5_attributes.h"
#include "weights/hdf5/hdf5_memory.h"
#include "weights/hdf5/hdf5_read.h"

namespace hdecomp {
namespace {

constexpr const char* means_format = "hdecomp-means";
constexpr int64_t means_version = 1;
constexpr const char* remedy = "; hdecomp means makes the file";

void check_head(hid_t file, const std::string& path) {
  const Hdf5Reader root(path, file);
  if (!has_attribute(file, "format") || root.text_attribute("format") != means_format) {
    throw UserError(joined(path,
                           ": an HDF5 file but none of channel means (attribute 'format' is not '",
                           means_format, "')", remedy));
  }
  root.require_version("means", means_version);
}

/// The means of one layer, all finite also as the float32 that channels are filled with.
std::vector<double> read_layer(hid_t file, const std::string& path, const std::string& layer,
                               hsize_t channels) {
  std::vector<double> means(channels);
  read_channels(file, "layers/" + layer + "/mean",
                {H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, "little-endian float64", channels},
                means.data(), joined(path, ": the means of layer ", layer), remedy);
  for (size_t k = 0; k < means.size(); ++k) {
    if (std::isfinite(static_cast<float>(means[k]))) continue;
    throw UserError(joined(path, ": the mean of channel ", k, " of layer ", layer, " is ", means[k],
                           "; it must be a finite float32", remedy));
  }
  return means;
}

}  // namespace

void write_means(const std::string& path, const Graph& graph, const MeansFile& content) {
  const SilentHdf5 silent;
  const H5Handle file = create_hdf5_in_memory();
  write_attribute(file, "format", std::string(means_format));
  write_attribute(file, "format_version", means_version);
  write_attribute(file, "model_sha256", content.model_sha256);
  write_attribute(file, "images", content.images);
  const H5Handle layers = create_group(file, "layers");
  for (size_t i = 0; i < content.means.size(); ++i) {
    const H5Handle group = create_group(layers, graph.nodes.at(i).name);
    const std::vector<double>& means = content.means[i];
    write_dataset(group, "mean", {means.size()}, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, means.data());
  }
  write_file_atomically(path, hdf5_bytes(file));
}

MeansFile read_means(const std::string& path, const Graph& graph, int scores,
                     const std::string& model_sha256) {
  { const FileBytes regular_file(path); }  // refuses folders, pipes, missing and empty files
  const SilentHdf5 silent;
  const H5Handle file = open_hdf5(path);
  check_head(file, path);
  const Hdf5Reader root(path, file);
  MeansFile content;
  content.model_sha256 = root.text_attribute("model_sha256");
  require_model(path, "means", content.model_sha256, model_sha256);
  content.images = root.int_attribute("images");
  if (content.images < 1) {
    throw UserError(joined(path, ": means over ", content.images, " images; at least 1 is needed"));
  }
  for (int i = 0; i < scores; ++i) {
    content.means.push_back(read_layer(file, path, graph.nodes[i].name,
                                       static_cast<hsize_t>(graph.shapes[i].channels)));
  }
  return content;
}

}  // namespace hdecomp
