/// What the tests of imports share: files of small state dicts, imported or refused.
#pragma once

#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/slim_models.h"
#include "tests/weights/foreign_files.h"
#include "weights/import/import.h"

namespace hdecomp::import_testing {

using namespace file_testing;

inline std::vector<float> values_of(const Tensor& tensor) {
  return {tensor.span().begin(), tensor.span().end()};
}

inline std::vector<Op> ops(const ModelData& model) {
  std::vector<Op> list;
  for (const Node& node : model.graph.nodes) list.push_back(node.op);
  return list;
}

inline ModelData import_torch(const NamedTensors& tensors, const ConvertOptions& options = {}) {
  const std::string path = temporary_path(".pth");
  write_pth(path, tensors);
  return import_model(path, options);
}

inline ModelData import_keras(const NamedTensors& tensors, const ConvertOptions& options = {}) {
  const std::string path = temporary_path(".h5");
  write_keras(path, tensors);
  return import_model(path, options);
}

inline std::string torch_refusal(const NamedTensors& tensors, const ConvertOptions& options = {}) {
  const std::string line = error_line([&] { import_torch(tensors, options); });
  expect_line(line, temporary_path(".pth") + ": ");
  return line;
}

inline std::string keras_refusal(const NamedTensors& tensors) {
  const std::string line = error_line([&] { import_keras(tensors); });
  expect_line(line, temporary_path(".h5") + ": ");
  return line;
}

inline void drop(NamedTensors& tensors, const std::string& name) {
  std::erase_if(tensors, [&](const NamedTensor& tensor) { return tensor.name == name; });
}

inline void reshape(NamedTensors& tensors, const std::string& name,
                    const std::vector<int64_t>& dims) {
  NamedTensor& tensor = named(tensors, name);
  tensor.dims = dims;
  tensor.values.resize(static_cast<size_t>(count(dims)));
}

/// The same network with the same weights, whose images are prepared alike.
inline void expect_same(const ModelData& model, const ModelData& wanted) {
  ASSERT_EQ(model.params.arch, wanted.params.arch);
  ASSERT_EQ(model.layers.size(), wanted.layers.size());
  for (size_t i = 0; i < model.layers.size(); ++i) {
    ASSERT_TRUE(std::ranges::equal(model.layers[i].weight.span(), wanted.layers[i].weight.span()))
        << model.graph.nodes[i].name;
    ASSERT_TRUE(std::ranges::equal(model.layers[i].bias.span(), wanted.layers[i].bias.span()))
        << model.graph.nodes[i].name;
  }
  EXPECT_EQ(model.preprocess.mean, wanted.preprocess.mean);
}

/// A filter's answer to a made-up patch, in double.
inline double answer(const float* filter, size_t size, double bias) {
  for (size_t i = 0; i < size; ++i) bias += filter[i] * std::sin(static_cast<double>(i + 1));
  return bias;
}

}  // namespace hdecomp::import_testing
