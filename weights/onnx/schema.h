/// The parts of an ONNX model that a network is made of, as the file says them. Views into the
/// file's bytes: a schema must not outlive them.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace hdecomp::onnx {

/// TensorProto.
struct RawTensor {
  std::string name;
  std::vector<int64_t> dims;
  int64_t type = 0;  // TensorProto.DataType
  std::span<const uint8_t> raw;
  std::vector<float> floats;
  std::vector<double> doubles;
  std::vector<int64_t> integers;  // int32_data, int64_data, uint64_data
  std::map<std::string, std::string> external;
  bool is_external = false;
};

struct RawGraph;

/// AttributeProto. A graph is one of an If's branches.
struct Attribute {
  float real = 0;
  int64_t integer = 0;
  std::string text;
  RawTensor tensor;
  std::vector<float> reals;
  std::vector<int64_t> integers;
  std::shared_ptr<RawGraph> graph;
};

struct RawNode {
  std::string op, name, domain;
  std::vector<std::string> inputs, outputs;
  std::map<std::string, Attribute> attributes;
};

/// A graph's input or output. A dimension without a fixed size is 0.
struct RawValue {
  std::string name;
  std::vector<int64_t> dims;
};

struct RawGraph {
  std::vector<RawNode> nodes;
  std::vector<RawTensor> initialisers;
  std::vector<RawValue> inputs, outputs;
};

struct RawModel : RawGraph {
  int64_t opset = 0;
  std::string producer;
};

/// Reads the bytes of a file. Throws UserError without the file's name.
RawModel read_schema(std::span<const uint8_t> bytes);

}  // namespace hdecomp::onnx
