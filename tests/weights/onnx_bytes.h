/// Small ONNX files, written field by field.
#pragma once

#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/hostile_files.h"

namespace hdecomp::onnx_testing {

inline std::string varint(uint64_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7) bytes += static_cast<char>(value | 0x80);
  return bytes + static_cast<char>(value);
}
inline std::string number(int id, int64_t value) {
  return varint(static_cast<uint64_t>(id) << 3) + varint(static_cast<uint64_t>(value));
}
inline std::string message(int id, const std::string& bytes) {
  return varint(static_cast<uint64_t>(id) << 3 | 2) + varint(bytes.size()) + bytes;
}

struct Attributes {
  std::string bytes;
  Attributes& ints(const std::string& name, const std::vector<int64_t>& values) {
    std::string list = message(1, name);
    for (const int64_t value : values) list += number(8, value);
    bytes += message(5, list + number(20, 7));
    return *this;
  }
  Attributes& text(const std::string& name, const std::string& value) {
    bytes += message(5, message(1, name) + message(4, value) + number(20, 3));
    return *this;
  }
  Attributes& integer(const std::string& name, int64_t value) {
    bytes += message(5, message(1, name) + number(3, value) + number(20, 2));
    return *this;
  }
  Attributes& real(const std::string& name, float value) {
    std::string four(sizeof value, '\0');
    std::memcpy(four.data(), &value, sizeof value);
    bytes += message(5, message(1, name) + varint(2 << 3 | 5) + four + number(20, 1));
    return *this;
  }
};

/// Appends nodes and weights; `file` is the whole model.
class OnnxFile {
 public:
  explicit OnnxFile(std::vector<int64_t> input = {1, 3, 8, 8}) : dims_(std::move(input)) {}

  OnnxFile& node(const std::string& op, const std::vector<std::string>& inputs,
                 const std::string& output, const Attributes& attributes = {}) {
    std::string bytes;
    for (const std::string& input : inputs) bytes += message(1, input);
    graph_ += message(1, bytes + message(2, output) + message(3, "node_" + output) +
                             message(4, op) + attributes.bytes);
    return *this;
  }
  /// A Split by sizes, with all of its outputs.
  OnnxFile& split(const std::string& input, const std::string& sizes,
                  const std::vector<std::string>& outputs) {
    std::string bytes = message(1, input) + message(1, sizes);
    for (const std::string& output : outputs) bytes += message(2, output);
    graph_ += message(1, bytes + message(4, "Split") + Attributes().integer("axis", 1).bytes);
    return *this;
  }
  /// Values that follow a rule of their own, as raw bytes.
  OnnxFile& weight(const std::string& name, const std::vector<int64_t>& dims) {
    int64_t count = 1;
    for (const int64_t dim : dims) count *= dim;
    std::vector<float> values(static_cast<size_t>(count));
    for (float& value : values)
      value = static_cast<float>(static_cast<int>(seed_ = (seed_ * 37 + 11) % 101) - 50) / 100;
    std::string raw(values.size() * sizeof(float), '\0');
    std::memcpy(raw.data(), values.data(), raw.size());
    return tensor(name, dims, 1, message(9, raw));
  }
  OnnxFile& real(const std::string& name, float value) {
    std::string raw(sizeof value, '\0');
    std::memcpy(raw.data(), &value, sizeof value);
    return tensor(name, {}, 1, message(9, raw));
  }
  OnnxFile& whole(const std::string& name, const std::vector<int64_t>& values) {
    std::string list;
    for (const int64_t value : values) list += number(7, value);
    return tensor(name, {static_cast<int64_t>(values.size())}, 7, list);
  }
  OnnxFile& tensor(const std::string& name, const std::vector<int64_t>& dims, int64_t type,
                   const std::string& content) {
    std::string bytes;
    for (const int64_t dim : dims) bytes += number(1, dim);
    graph_ += message(5, bytes + number(2, type) + message(8, name) + content);
    return *this;
  }
  /// A graph's input that stands before the image.
  OnnxFile& input(const std::string& name) {
    graph_ += message(11, message(1, name));
    return *this;
  }
  std::string bytes(const std::string& output, int64_t opset = 13) const {
    std::string shape;
    for (const int64_t dim : dims_) shape += message(1, number(1, dim));
    const std::string type = message(2, message(1, number(1, 1) + message(2, shape)));
    const std::string graph =
        graph_ + message(11, message(1, "image") + type) + message(12, message(1, output));
    return number(1, 7) + message(2, "test") + message(7, graph) + message(8, number(2, opset));
  }
  /// Writes it and returns its path.
  std::string file(const std::string& output, int64_t opset = 13) const {
    const std::string content = bytes(output, opset), path = file_testing::temporary_path(".onnx");
    file_testing::write_bytes(path, file_testing::Bytes(content.begin(), content.end()));
    return path;
  }

 private:
  std::vector<int64_t> dims_;
  std::string graph_;
  int seed_ = 1;
};

/// A convolution, ReLU, the mean of the map, and three scores.
inline OnnxFile small_net() {
  OnnxFile net;
  net.weight("c.weight", {4, 3, 3, 3})
      .weight("c.bias", {4})
      .weight("fc.weight", {3, 4})
      .weight("fc.bias", {3});
  net.node("Conv", {"image", "c.weight", "c.bias"}, "a", Attributes().ints("pads", {1, 1, 1, 1}));
  net.node("Relu", {"a"}, "b").node("GlobalAveragePool", {"b"}, "p").node("Flatten", {"p"}, "f");
  net.node("Gemm", {"f", "fc.weight", "fc.bias"}, "s", Attributes().integer("transB", 1));
  return net;
}

}  // namespace hdecomp::onnx_testing
