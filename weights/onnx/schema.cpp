/// Messages of onnx.proto by their public field numbers. The nesting that is followed is fixed but
/// for graphs inside of attributes, whose depth is bounded, so a file cannot make it deep.
#include "weights/onnx/schema.h"

#include "hdecomp/error.h"
#include "weights/onnx/wire.h"

namespace hdecomp::onnx {
namespace {

using Bytes = std::span<const uint8_t>;

/// Calls body(field) for each field of a message.
template <class Body>
void each_field(Bytes bytes, Body&& body) {
  Message message(bytes);
  Field field;
  while (message.next(field)) body(field);
}

void read_external(Bytes bytes, RawTensor& tensor) {  // StringStringEntryProto
  std::string key, value;
  each_field(bytes, [&](const Field& f) {
    if (f.id == 1) key = f.text();
    if (f.id == 2) value = f.text();
  });
  tensor.external[key] = value;
}

RawTensor read_tensor(Bytes bytes) {
  RawTensor tensor;
  each_field(bytes, [&](const Field& f) {
    switch (f.id) {
      case 1:
        return append(f, tensor.dims);
      case 2:
        tensor.type = f.integer();
        return;
      case 3:
        throw UserError("a tensor in segments is not supported");
      case 4:
        return append(f, tensor.floats);
      case 5:
      case 7:
      case 11:
        return append(f, tensor.integers);
      case 8:
        tensor.name = f.text();
        return;
      case 9:
        tensor.raw = f.message();
        return;
      case 10:
        return append(f, tensor.doubles);
      case 13:
        return read_external(f.message(), tensor);
      case 14:
        tensor.is_external = f.integer() == 1;
        return;
      default:
        return;
    }
  });
  return tensor;
}

constexpr int most_depth = 4;  // of graphs inside of graphs

void read_graph(Bytes bytes, RawGraph& graph, int depth);

void read_attribute(Bytes bytes, RawNode& node, int depth) {
  std::string name;
  Attribute attribute;
  each_field(bytes, [&](const Field& f) {
    switch (f.id) {
      case 1:
        name = f.text();
        return;
      case 2:
        attribute.real = f.real();
        return;
      case 3:
        attribute.integer = f.integer();
        return;
      case 4:
        attribute.text = f.text();
        return;
      case 5:
        attribute.tensor = read_tensor(f.message());
        return;
      case 6:
        if (depth == most_depth)
          throw UserError(joined("graphs inside of graphs, more than ", most_depth, " deep"));
        attribute.graph = std::make_shared<RawGraph>();
        return read_graph(f.message(), *attribute.graph, depth + 1);
      case 7:
        return append(f, attribute.reals);
      case 8:
        return append(f, attribute.integers);
      default:
        return;
    }
  });
  node.attributes[name] = std::move(attribute);
}

RawNode read_node(Bytes bytes, int depth) {
  RawNode node;
  each_field(bytes, [&](const Field& f) {
    switch (f.id) {
      case 1:
        node.inputs.emplace_back(f.text());
        return;
      case 2:
        node.outputs.emplace_back(f.text());
        return;
      case 3:
        node.name = f.text();
        return;
      case 4:
        node.op = f.text();
        return;
      case 5:
        return read_attribute(f.message(), node, depth);
      case 7:
        node.domain = f.text();
        return;
      default:
        return;
    }
  });
  return node;
}

/// TensorShapeProto.
std::vector<int64_t> read_shape(Bytes bytes) {
  std::vector<int64_t> dims;
  each_field(bytes, [&](const Field& f) {
    if (f.id != 1) return;
    int64_t size = 0;
    each_field(f.message(), [&](const Field& dim) {
      if (dim.id == 1) size = dim.integer();
    });
    dims.push_back(size < 0 ? 0 : size);
  });
  return dims;
}

RawValue read_value(Bytes bytes) {  // ValueInfoProto { name, TypeProto { Tensor { shape } } }
  RawValue value;
  each_field(bytes, [&](const Field& f) {
    if (f.id == 1) value.name = f.text();
    if (f.id != 2) return;
    each_field(f.message(), [&](const Field& type) {
      if (type.id != 1) return;
      each_field(type.message(), [&](const Field& tensor) {
        if (tensor.id == 2) value.dims = read_shape(tensor.message());
      });
    });
  });
  return value;
}

void read_graph(Bytes bytes, RawGraph& graph, int depth) {
  each_field(bytes, [&](const Field& f) {
    switch (f.id) {
      case 1:
        graph.nodes.push_back(read_node(f.message(), depth));
        return;
      case 5:
        graph.initialisers.push_back(read_tensor(f.message()));
        return;
      case 11:
        graph.inputs.push_back(read_value(f.message()));
        return;
      case 12:
        graph.outputs.push_back(read_value(f.message()));
        return;
      default:
        return;
    }
  });
}

void read_opset(Bytes bytes, RawModel& model) {
  std::string domain;
  int64_t version = 0;
  each_field(bytes, [&](const Field& f) {
    if (f.id == 1) domain = f.text();
    if (f.id == 2) version = f.integer();
  });
  if (domain.empty() || domain == "ai.onnx") model.opset = version;
}

}  // namespace

RawModel read_schema(Bytes bytes) {
  RawModel model;
  each_field(bytes, [&](const Field& f) {
    if (f.id == 2) model.producer = f.text();
    if (f.id == 7) read_graph(f.message(), model, 0);
    if (f.id == 8) read_opset(f.message(), model);
  });
  return model;
}

}  // namespace hdecomp::onnx
