/// The general graph of a model file, format version 2: what is no graph is refused in one line.
#include "weights/model/graph_text.h"

#include <gtest/gtest.h>
#include <hdf5.h>

#include "nets/node_numbers.h"
#include "nets/op_traits.h"
#include "tests/support/edit_hdf5.h"
#include "tests/support/hostile_files.h"
#include "tests/weights/onnx_bytes.h"
#include "weights/hdf5/hdf5_attributes.h"
#include "weights/hdf5/hdf5_handles.h"
#include "weights/import/import.h"
#include "weights/model/node_text.h"

namespace hdecomp {
namespace {

using namespace file_testing;
using Lines = std::vector<std::string>;

const std::string image = R"({"op":"input","name":"input","inputs":[]})";
const std::string conv =
    R"({"op":"conv","name":"c","inputs":[0],"out_channels":4,"y":[3,1,1,1,1],"x":[3,1,1,1,1]})";
const std::string mean = R"({"op":"adaptive_avg_pool","name":"m","inputs":[1]})";

std::string graph_refusal(const Lines& nodes, const Lines& stages = {"c"}, int64_t classes = 4) {
  const std::string line = error_line([&] { graph_of_lines(nodes, stages, 8, classes); });
  EXPECT_LT(line.size(), 1000u);
  return line;
}

/// Of a graph with one more node between the convolution and the mean.
std::string refusal_with(const std::string& node) {
  return graph_refusal({image, conv, node, mean});
}

TEST(GraphText, AGraphIsReadAsItWasWritten) {
  const Graph graph = graph_of_lines({image, conv, mean}, {"c"}, 8, 4);
  EXPECT_EQ(node_lines(graph), (Lines{image, conv, mean}));
  EXPECT_EQ(stage_lines(graph), (Lines{"c"}));
  EXPECT_FALSE(graph_of_lines({image, conv}, {"c"}, 8, 0).has_scores);
}

/// Any value but the one that a number has by default.
void change(int64_t& value) { value += 3; }
void change(float& value) { value += 0.25f; }
void change(bool& value) { value = !value; }
void change(Rounding& value) { value = Rounding::up; }
void change(Activation& value) { value = Activation::relu6; }
void change(Function& value) { value = Function::softplus; }
void change(KernelAxis& value) { value = {2, 3, 4, 5, 6}; }

TEST(GraphText, EveryNumberOfEveryOpIsReadAsItWasWritten) {
  for (const OpTraits& op : op_table()) {
    Node node;
    node.op = op.op;
    node.name = op.name;
    node.inputs = {1, 0};
    node.torchvision = {"other"};
    each_number(node, [](const char*, auto& value) { change(value); });
    const std::string line = node_line(node);
    EXPECT_EQ(node_of_line(line, 2), node) << line;
    each_number(node, [&](const char* name, const auto&) {
      EXPECT_NE(line.find(joined('"', name, "\":")), std::string::npos) << name << ": " << line;
    });
  }
}

TEST(GraphText, LinesThatAreNoNodes) {
  expect_line(refusal_with(""), "node 2 is no JSON object");
  expect_line(refusal_with("[1,2]"), "node 2 is no JSON object");
  expect_line(refusal_with("{"), "node 2 is no JSON object");
  expect_line(refusal_with(std::string(100000, '[')), "node 2 is no JSON object");
  expect_line(refusal_with(R"({"op":"add","op":"sub","name":"x","inputs":[1,1]})"),
              "of distinct fields");
  expect_line(refusal_with(R"({"op":"add","name":"x"})"), "node 2 'x': no field 'inputs'");
  expect_line(refusal_with(R"({"name":"x","inputs":[1]})"), "node 2 'x': no field 'op'");
  expect_line(refusal_with(R"({"op":"add","inputs":[1]})"), "node 2: no field 'name'");
  expect_line(refusal_with(R"({"op":7,"name":"x","inputs":[1]})"), "'op' is no text");
  expect_line(refusal_with(R"({"op":"softmax","name":"x","inputs":[1]})"), "unknown op 'softmax'");
  expect_line(refusal_with(R"({"op":"add","name":"x","inputs":[1,1],"colour":1})"),
              "unknown field 'colour'");
  expect_line(refusal_with(R"({"op":"add","name":"x","inputs":"1"})"), "'inputs' is no list");
  expect_line(refusal_with(R"({"op":"add","name":"x","inputs":[1.5]})"), "'inputs' is no whole");
  expect_line(refusal_with(R"({"op":"conv","name":"x","inputs":[1],"out_channels":1e3})"),
              "'out_channels' is no whole number");
  expect_line(
      refusal_with(R"({"op":"conv","name":"x","inputs":[1],"out_channels":18446744073709551615})"),
      "'out_channels' is too large");
  expect_line(refusal_with(R"({"op":"conv","name":"x","inputs":[1],"y":[3,1]})"), "'y' needs 5");
  expect_line(refusal_with(R"({"op":"max_pool","name":"x","inputs":[1],"ceil":1})"),
              "'ceil' is neither true nor false");
  expect_line(refusal_with(R"({"op":"activation","name":"x","inputs":[1],"function":"sinh"})"),
              "unknown function 'sinh'");
  expect_line(
      refusal_with(R"({"op":"activation","name":"x","inputs":[1],"function":"elu","alpha":"nan"})"),
      "'alpha' is no number");
  std::string names;
  for (int i = 0; i < 17; ++i) names += joined(i == 0 ? "" : ",", "\"n", i, "\"");
  expect_line(
      refusal_with(joined(R"({"op":"affine","name":"x","inputs":[1],"also":[)", names, "]}")),
      "'also' is no list");
}

TEST(GraphText, NamesThatAreNone) {
  for (const char* name : {"c", "a/b", "..", ".", "", "a b", "a\\nb", "\\u001b[2J"}) {
    const std::string line =
        refusal_with(joined(R"({"op":"add","inputs":[1,1],"name":")", name, "\"}"));
    EXPECT_NE(line.find("name"), std::string::npos) << line;
  }
  expect_line(
      refusal_with(joined(R"({"op":"add","inputs":[1,1],"name":")", std::string(5000, 'x'), "\"}")),
      "is no name of 1 to 120 printable characters");
}

TEST(GraphText, CyclesAndForwardReferences) {
  for (const char* input : {"2", "3", "-1", "2147483648", "-9223372036854775808"}) {
    expect_line(refusal_with(joined(R"({"op":"affine","name":"x","inputs":[)", input, "]}")),
                "it must be a node before it");
  }
  expect_line(refusal_with(R"({"op":"input","name":"x","inputs":[]})"), "node 0, and no other");
  expect_line(graph_refusal({conv, mean}), "input 0; it must be a node before it");
  expect_line(graph_refusal({image}), "a graph of 1 nodes");
  expect_line(graph_refusal({}), "a graph of 0 nodes");
  expect_line(refusal_with(R"({"op":"add","name":"x","inputs":[1]})"), "layer x: add of 1 inputs");
  expect_line(refusal_with(R"({"op":"conv","name":"x","inputs":[1,1],"out_channels":1})"), "x");
}

TEST(GraphText, HugeAndImpossibleNumbers) {
  for (const char* number :
       {"9223372036854775807", "-9223372036854775808", "1099511627776", "-1"}) {
    expect_line(
        refusal_with(joined(R"({"op":"conv","name":"x","inputs":[1],"out_channels":4,"groups":)",
                            number, "}")),
        "x");
    expect_line(refusal_with(
                    joined(R"({"op":"conv","name":"x","inputs":[1],"out_channels":)", number, "}")),
                "x");
    for (int place = 0; place < 5; ++place) {
      std::string axis;
      for (int i = 0; i < 5; ++i) {
        const std::string usual = i == 2 || i == 3 ? "0" : "2";
        axis += (i == 0 ? "" : ",") + (i == place ? std::string(number) : usual);
      }
      for (const char* op : {"max_pool", "avg_pool"}) {
        expect_line(refusal_with(joined("{\"op\":\"", op, R"(","name":"x","inputs":[1],"y":[)",
                                        axis, R"(],"x":[)", axis, "]}")),
                    "x");
      }
      expect_line(
          refusal_with(joined(R"({"op":"conv","name":"x","inputs":[1],"out_channels":4,"y":[)",
                              axis, R"(],"x":[)", axis, "]}")),
          "x");
    }
    expect_line(refusal_with(joined(R"({"op":"slice","name":"x","inputs":[1],"out_channels":2,)",
                                    R"("first_channel":)", number, "}")),
                "x");
    expect_line(refusal_with(joined(R"({"op":"pad","name":"x","inputs":[1],"out_channels":)",
                                    number, R"(,"y":[1,1,)", number, ",0,1]}")),
                "x");
    expect_line(refusal_with(joined(R"({"op":"adaptive_avg_pool","name":"x","inputs":[1],)",
                                    R"("pool_size":)", number, "}")),
                "x");
    expect_line(
        refusal_with(joined(R"({"op":"lrn","name":"x","inputs":[1],"lrn_size":)", number, "}")),
        "x");
    expect_line(refusal_with(joined(R"({"op":"channel_shuffle","name":"x","inputs":[1],"groups":)",
                                    number, "}")),
                "x");
  }
}

TEST(GraphText, StagesThatAreNone) {
  const Lines nodes{image, conv, mean};
  expect_line(graph_refusal(nodes, {}), "no layer ends a stage");
  expect_line(graph_refusal(nodes, {"x"}), "stage 'x' is no node's name");
  expect_line(graph_refusal(nodes, {"c", "c"}), "stage ends must rise");
  expect_line(graph_refusal(nodes, {"m"}), "stage ends must rise");
  expect_line(graph_refusal(nodes, {"input"}), "stage ends must rise");
  expect_line(graph_refusal(nodes, {"c"}, 5), "'class_count' is 5, but its graph has 4 scores");
  expect_line(graph_refusal({image, conv}, {"c"}), "the last node is a map");
  expect_line(
      graph_refusal({image, conv, R"({"op":"conv","name":"d","inputs":[0],"out_channels":4})",
                     R"({"op":"adaptive_avg_pool","name":"m","inputs":[2]})"},
                    {"c"}),
      "not computed from the last stage");
}

/// Deletes /nodes of a good file and lets `put` make it anew.
std::string line_of_file(const std::function<void(hid_t file)>& put) {
  const std::string path = temporary_path(".h5");
  write_model(import_model(onnx_testing::small_net().file("s"), {}), path);
  edit_hdf5(path, [&](hid_t file) {
    H5Ldelete(file, "nodes", H5P_DEFAULT);
    put(file);
  });
  const std::string line = error_line([&] { read_model(path); });
  expect_line(line, path);
  return line;
}

TEST(GraphText, DatasetsOfWrongTypes) {
  expect_line(line_of_file([](hid_t) {}), "a graph of 0 nodes");
  expect_line(line_of_file([](hid_t file) {
                const int64_t numbers[2] = {1, 2};
                write_dataset(file, "nodes", {2}, H5T_STD_I64LE, H5T_NATIVE_INT64, numbers);
              }),
              "'nodes' is not a list of fixed-length texts");
  expect_line(line_of_file([](hid_t file) { H5Handle(create_group(file, "nodes")); }),
              "dataset 'nodes' is unreadable");
  expect_line(line_of_file([](hid_t file) {
                const hsize_t extent = hsize_t{1} << 40;
                const H5Handle space(H5Screate_simple(1, &extent, nullptr), H5Sclose);
                const H5Handle type(H5Tcopy(H5T_C_S1), H5Tclose);
                H5Tset_size(type, 1 << 20);
                const H5Handle plan(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
                const hsize_t chunk = 1;
                H5Pset_chunk(plan, 1, &chunk);
                const H5Handle data(
                    H5Dcreate2(file, "nodes", type, space, H5P_DEFAULT, plan, H5P_DEFAULT),
                    H5Dclose);
              }),
              "'nodes' is not a list of fixed-length texts");
}

}  // namespace
}  // namespace hdecomp
