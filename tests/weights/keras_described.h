/// Keras models that describe themselves: a description of few words, and tensors.
#pragma once

#include "tests/weights/foreign_files.h"
#include "weights/import/import.h"

namespace hdecomp::keras_testing {

using namespace file_testing;

/// {"class_name": KIND, "config": {"name": NAME, MORE}, "inbound_nodes": [[[INPUT, 0, 0, {}]...]]}
inline std::string layer(const std::string& kind, const std::string& name, const std::string& more,
                         const std::vector<std::string>& inputs = {}) {
  std::string nodes;
  for (const std::string& input : inputs) {
    nodes += joined(nodes.empty() ? "" : ",", "[\"", input, "\",0,0,{}]");
  }
  return joined("{\"class_name\":\"", kind, "\",\"name\":\"", name, "\",\"config\":{\"name\":\"",
                name, "\"", more.empty() ? "" : ",", more, "},\"inbound_nodes\":[",
                nodes.empty() ? "" : "[" + nodes + "]", "]}");
}

/// A side of 0 is left open.
inline std::string input(const PixelSize& size, int64_t channels = 3) {
  const auto side = [](int64_t pixels) { return pixels == 0 ? "null" : std::to_string(pixels); };
  return layer("InputLayer", "image",
               joined("\"batch_input_shape\":[null,", side(size.height), ",", side(size.width), ",",
                      channels, "]"));
}

inline std::string list(const std::vector<std::string>& layers) {
  std::string all;
  for (const std::string& each : layers) all += (all.empty() ? "" : ",") + each;
  return all;
}

inline std::string functional(const std::vector<std::string>& layers, const std::string& output,
                              const std::string& name = "model") {
  return layer("Functional", name,
               joined("\"layers\":[", list(layers), "],\"input_layers\":[[\"image\",0,0]],",
                      "\"output_layers\":[[\"", output, "\",0,0]]"));
}

inline std::string sequential(const std::vector<std::string>& layers) {
  return layer("Sequential", "sequential", joined("\"layers\":[", list(layers), "]"));
}

inline std::string write_described(const std::string& model, const NamedTensors& tensors) {
  const std::string path = temporary_path(".h5");
  write_keras(path, tensors);
  const H5Handle file(H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT), H5Fclose);
  const H5Handle type(H5Tcopy(H5T_C_S1), H5Tclose);
  H5Tset_size(type, H5T_VARIABLE);
  const H5Handle space(H5Screate(H5S_SCALAR), H5Sclose);
  const H5Handle attribute(H5Acreate2(file, "model_config", type, space, H5P_DEFAULT, H5P_DEFAULT),
                           H5Aclose);
  const char* text = model.c_str();
  EXPECT_GE(H5Awrite(attribute, type, &text), 0);
  return path;
}

inline ModelData described(const std::string& model, const NamedTensors& tensors,
                           const ConvertOptions& options = {}) {
  return import_model(write_described(model, tensors), options);
}

inline std::string described_refusal(const std::string& model, const NamedTensors& tensors) {
  const std::string path = write_described(model, tensors);
  const std::string line = error_line([&] { import_model(path, {}); });
  expect_line(line, path + ": ");
  return line;
}

/// Values 1, 2, 3, ... in the tensor's order.
inline NamedTensor counted(const std::string& name, const std::vector<int64_t>& dims) {
  NamedTensor tensor{name, dims, std::vector<float>(static_cast<size_t>(count(dims)))};
  for (size_t i = 0; i < tensor.values.size(); ++i) tensor.values[i] = static_cast<float>(i + 1);
  return tensor;
}

}  // namespace hdecomp::keras_testing
