/// Builds a model file (weights/FORMAT.md) in memory and writes it whole.
#include <hdf5.h>

#include <vector>

#include "hdecomp/error.h"
#include "weights/file/atomic_file.h"
#include "weights/file/half.h"
#include "weights/hdf5/hdf5_attributes.h"
#include "weights/hdf5/hdf5_half.h"
#include "weights/hdf5/hdf5_handles.h"
#include "weights/hdf5/hdf5_memory.h"
#include "weights/model/graph_text.h"
#include "weights/model/model_format.h"
#include "weights/model/other_side.h"

namespace hdecomp {
namespace {

/// The least that tells it, for older readers.
int64_t version_of(const ModelData& model) {
  const Preprocess& rule = model.preprocess;
  if (!rule.crop.is_square() || !rule.size.is_square()) return 3;
  return model.params.arch == general_arch || model.weights_16 ? 2 : 1;
}

/// One number of a square, else height and width.
void write_size(hid_t file, const char* name, const PixelSize& size) {
  if (size.is_square()) return write_attribute(file, name, size.height);
  write_attribute(file, name, std::vector<int64_t>{size.height, size.width});
}

void write_attributes(hid_t file, const ModelData& model) {
  const NetParams& params = model.params;
  const Preprocess& rule = model.preprocess;
  write_attribute(file, "format", std::string(model_format));
  write_attribute(file, "format_version", version_of(model));
  write_attribute(file, "arch", params.arch);
  write_attribute(file, "widths", params.widths);
  write_attribute(file, "hidden_units", params.hidden_units);
  write_attribute(file, "class_count", params.classes);
  write_attribute(file, "pool_size", params.pool_size);
  write_attribute(file, "stride_in_1x1", int64_t{params.stride_in_1x1});
  write_attribute(file, "resize", std::string(resize_name(rule)));
  write_size(file, "resize_size", rule.size);
  write_attribute(file, "interpolation", std::string(interpolation_name(rule.interpolation)));
  write_size(file, "crop", rule.crop);
  write_attribute(file, "mean", std::vector<float>(rule.mean.begin(), rule.mean.end()));
  write_attribute(file, "std", std::vector<float>(rule.std.begin(), rule.std.end()));
  write_attribute(file, "source", model.source);
}

/// The tensor's first rows.
void write_tensor(hid_t group, const char* name, const Tensor& tensor, int64_t rows,
                  bool weights_16) {
  std::vector<hsize_t> extent;
  for (const int64_t dim : tensor.shape().dims()) extent.push_back(static_cast<hsize_t>(dim));
  extent.at(0) = static_cast<hsize_t>(rows);
  if (weights_16) {
    if (const auto halves = as_halves(tensor.span())) {
      const H5Handle type = half_type();
      write_dataset(group, name, extent, type, type, halves->data());
      return;
    }
  }
  write_dataset(group, name, extent, H5T_IEEE_F32LE, H5T_NATIVE_FLOAT, tensor.data());
}

void write_layers(hid_t file, const ModelData& model) {
  const H5Handle layers = create_group(file, "layers");
  for (int i = 0; i <= model.graph.scores(); ++i) {
    const Node& node = model.graph.nodes[i];
    if (!has_weights(node)) continue;
    const H5Handle group = create_group(layers, node.name);
    const bool doubled = i == model.graph.scores() && has_other_side(model);
    const Tensor &weight = model.layers.at(i).weight, &bias = model.layers.at(i).bias;
    write_tensor(group, "weight", weight, doubled ? 1 : weight.shape()[0], model.weights_16);
    if (!bias_dims(model.graph, static_cast<int>(i)).empty()) {
      write_tensor(group, "bias", bias, doubled ? 1 : bias.shape()[0], model.weights_16);
    }
  }
}

/// The graph as it was before a second output was added.
void write_graph(hid_t file, const ModelData& model) {
  Graph graph = model.graph;
  if (has_other_side(model)) graph.nodes.back().out_channels = 1;
  write_strings(file, "nodes", node_lines(graph));
  write_strings(file, "stages", stage_lines(graph));
}

}  // namespace

void write_model(const ModelData& model, const std::string& path) {
  check_preprocess(model.preprocess, path);
  check_class_lists(model, path);
  check_weights(model, path);
  const SilentHdf5 silent;
  const H5Handle file = create_hdf5_in_memory();
  write_attributes(file, model);
  if (!model.classes.empty()) write_strings(file, "classes", model.classes);
  if (!model.wnids.empty()) write_strings(file, "wnids", model.wnids);
  if (model.params.arch == general_arch) write_graph(file, model);
  write_layers(file, model);
  write_file_atomically(path, hdf5_bytes(file));
}

}  // namespace hdecomp
