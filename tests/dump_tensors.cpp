/// Writes an image's input, class scores, stage features, tree, the gradient of every tree step and
/// the nodes' names to an HDF5 file, for tests/compare_torch.py to hold against PyTorch:
/// dump_tensors MODEL.h5 IMAGE OUT.h5. Of inputs as numbers, (n, c, h, w) in a .npy file, every
/// node's output ("nodes/NUMBER").
#include <hdf5.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <set>

#include "hdecomp/hdecomp.h"
#include "nets/layer_names.h"
#include "runtime/network/network_input.h"
#include "runtime/tree/tree_run.h"
#include "weights/hdf5/hdf5_attributes.h"
#include "weights/hdf5/hdf5_handles.h"

namespace hdecomp {
namespace {

void write_floats(hid_t file, const std::string& name, const float* data,
                  const std::vector<hsize_t>& extent) {
  const H5Handle space(H5Screate_simple(static_cast<int>(extent.size()), extent.data(), nullptr),
                       H5Sclose);
  const H5Handle links(H5Pcreate(H5P_LINK_CREATE), H5Pclose);
  H5Pset_create_intermediate_group(links, 1);
  const H5Handle set(checked(H5Dcreate2(file, name.c_str(), H5T_IEEE_F32LE, space, links,
                                        H5P_DEFAULT, H5P_DEFAULT),
                             name, " cannot be written"),
                     H5Dclose);
  checked(H5Dwrite(set, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, data), name);
}

void write_tensor(hid_t file, const std::string& name, const Tensor& tensor) {
  std::vector<hsize_t> extent;
  for (const int64_t dim : tensor.shape().dims()) extent.push_back(static_cast<hsize_t>(dim));
  write_floats(file, name, tensor.data(), extent);
}

/// Writes the part of a window (one decision's) that lies inside the map; the gradient is zero
/// elsewhere.
void write_gradient(hid_t file, const std::string& name, const WindowBatch& batch) {
  const WindowAxis &wy = batch.window.y, &wx = batch.window.x;
  const int64_t top = wy.begin(batch.places[0].y), left = wx.begin(batch.places[0].x);
  const int64_t first_y = std::max<int64_t>(top, 0), end_y = std::min(top + wy.size, wy.map);
  const int64_t first_x = std::max<int64_t>(left, 0), end_x = std::min(left + wx.size, wx.map);
  std::vector<float> inside;
  for (int64_t c = 0; c < batch.channels; ++c) {
    for (int64_t y = first_y; y < end_y; ++y) {
      const float* row = batch.plane(c, 0) + (y - top) * wx.size - left;
      inside.insert(inside.end(), row + first_x, row + end_x);
    }
  }
  write_floats(file, name, inside.data(),
               {static_cast<hsize_t>(batch.channels), static_cast<hsize_t>(end_y - first_y),
                static_cast<hsize_t>(end_x - first_x)});
  const H5Handle set(H5Dopen2(file, name.c_str(), H5P_DEFAULT), H5Dclose);
  write_attribute(set, "origin", std::vector<int64_t>{first_y, first_x});
}

/// Writes the gradients of all distinct decisions below (and with) `node`.
void write_gradients(hid_t file, WindowExecutor& windows, const TreeNode& node,
                     std::set<std::string>& done) {
  if (!node.step) return;
  const std::string name =
      joined("gradients/", node.layer, ":", node.channel, "@", node.y, ",", node.x);
  if (!done.insert(name).second) return;
  const Graph& graph = windows.graph();
  const std::vector<Neuron> decision{{node.channel, node.y, node.x}};
  write_gradient(file, name,
                 windows.gradients(find_layer(graph, node.layer), decision,
                                   find_layer(graph, node.step->layer)));
  for (const TreeNode& child : node.children()) write_gradients(file, windows, child, done);
}

void dump(const char* model_file, const char* image_file, const char* out) {
  const Model model = Model::load(model_file);
  const Image photo = Image::load(image_file);
  Explainer explainer(model);
  const Tree tree = explainer.explain(photo);

  const Graph& graph = model.data()->graph;
  const Context context;
  Executor executor(context, *model.data());
  NetworkInput network_input(context, model.preprocess());
  const Tensor input = network_input.of({&photo, 1});
  executor.forward(input);
  const H5Handle file(checked(H5Fcreate(out, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT), out),
                      H5Fclose);
  write_tensor(file, "input", input);
  write_tensor(file, "scores", executor.feature(graph.scores()));
  for (const Stage& stage : graph.stage_ends) {
    write_tensor(file, "features/" + stage.name, executor.feature(stage.node));
  }
  std::set<std::string> done;
  WindowExecutor windows(context, *model.data(), executor);
  write_gradients(file, windows, tree.root, done);
  write_strings(file, "tree", {to_json(tree)});
  std::vector<std::string> names;
  for (const Node& node : graph.nodes) names.push_back(node.name);
  write_strings(file, "nodes", names);
}

/// The outputs of all nodes of as many inputs as the file holds.
void dump_nodes(const char* model_file, const char* inputs_file, const char* out) {
  const Model model = Model::load(model_file);
  const Graph& graph = model.data()->graph;
  const FeatureShape& shape = graph.shapes[0];
  constexpr uintmax_t most_header = 128;  // the header of NumPy's files of one small array
  const auto bytes = std::filesystem::file_size(inputs_file) - most_header;
  const auto count = static_cast<int64_t>(bytes / sizeof(float)) / shape.elements();
  std::vector<float> numbers = load_npy(inputs_file, count * shape.elements());
  const Tensor inputs({}, {count, shape.channels, shape.height, shape.width}, numbers.data());
  const Context context;
  Executor executor(context, *model.data(), count);
  executor.forward(inputs);
  const H5Handle file(checked(H5Fcreate(out, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT), out),
                      H5Fclose);
  for (int node = 1; node <= graph.scores(); ++node) {
    write_tensor(file, joined("nodes/", node), executor.feature(node));
  }
}

}  // namespace
}  // namespace hdecomp

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: dump_tensors MODEL.h5 IMAGE|INPUTS.npy OUT.h5\n");
    return 2;
  }
  try {
    const bool numbers = std::string(argv[2]).ends_with(".npy");
    (numbers ? hdecomp::dump_nodes : hdecomp::dump)(argv[1], argv[2], argv[3]);
  } catch (const std::exception& fault) {
    std::fprintf(stderr, "dump_tensors: %s\n", fault.what());
    return 1;
  }
}
