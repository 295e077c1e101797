/// ONNX files that were made to harm: every one is refused in one line.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/weights/onnx_bytes.h"
#include "weights/import/import.h"

namespace hdecomp {
namespace {

using namespace file_testing;
using namespace onnx_testing;
namespace fs = std::filesystem;

std::string refusal_of_bytes(const std::string& bytes) {
  const std::string path = temporary_path(".onnx");
  write_bytes(path, Bytes(bytes.begin(), bytes.end()));
  const std::string line = error_line([&] { import_model(path, {}); });
  expect_line(line, path);
  return line;
}

std::string hostile_refusal(const OnnxFile& net, const std::string& output) {
  return refusal_of_bytes(net.bytes(output));
}

/// A whole model around the bytes of a graph.
std::string model_of(const std::string& graph) {
  return number(1, 7) + message(2, "test") + message(7, graph) + message(8, number(2, 13));
}

TEST(OnnxHostile, CutAtEveryByte) {
  const std::string whole = small_net().bytes("s");
  const std::string path = temporary_path(".onnx");
  for (size_t length = 1; length < whole.size(); length += length < 200 ? 1 : 37) {
    write_bytes(path, Bytes(whole.begin(), whole.begin() + static_cast<ptrdiff_t>(length)));
    const std::string line = error_line([&] { import_model(path, {}); });
    expect_line(line, path);
  }
}

TEST(OnnxHostile, EveryByteChanged) {
  const std::string whole = small_net().bytes("s");
  const std::string path = temporary_path(".onnx");
  size_t kept = 0;
  for (size_t at = 0; at < whole.size(); at += 3) {
    std::string changed = whole;
    changed[at] = static_cast<char>(changed[at] ^ 0x55);
    write_bytes(path, Bytes(changed.begin(), changed.end()));
    try {
      import_model(path, {});
      ++kept;  // a weight's byte, or a name's
    } catch (const UserError& fault) {
      ASSERT_EQ(std::string(fault.what()).find('\n'), std::string::npos) << at;
    }
  }
  EXPECT_GT(kept, 0u);
}

TEST(OnnxHostile, FieldsOfWrongTypes) {
  expect_line(refusal_of_bytes(number(1, 7) + number(7, 5)), "a message of another kind");
  expect_line(
      refusal_of_bytes(number(1, 7) + message(2, "x") + message(7, message(5, number(8, 1)))),
      "a message of another kind");
  expect_line(refusal_of_bytes(model_of(message(5, message(2, "float")))),
              "a whole number of another kind");
  expect_line(refusal_of_bytes(model_of(message(5, message(4, "123")))),
              "a list of numbers ends inside a number");
  expect_line(refusal_of_bytes(number(1, 7) + message(2, "x") + std::string(12, '\xff')),
              "a number of more than 64 bits");
  expect_line(refusal_of_bytes(number(1, 7) + varint(7 << 3 | 2) + varint(uint64_t{1} << 62)),
              "cut short");
  expect_line(refusal_of_bytes(number(1, 7) + message(2, "x") + std::string(1, '\3')),
              "without a number");
}

/// A few bytes that ask for a matrix over millions of channels, or for many nodes each.
TEST(OnnxHostile, WhatBecomesSeveralOpsStaysSmall) {
  OnnxFile wide;
  wide.whole("pads", {0, 1 << 22, 0, 0, 0, 0, 0, 0}).whole("one", {0, 1, -1}).weight("s", {1});
  wide.node("Pad", {"image", "pads"}, "x").node("Reshape", {"x", "one"}, "rows");
  wide.node("InstanceNormalization", {"rows", "s", "s"}, "y");
  expect_line(hostile_refusal(wide, "y"), "a matrix of 4194307 by 4194307 channels");
  OnnxFile deep;
  deep.whole("pads", {0, 1 << 22, 0, 0, 0, 0, 0, 0}).whole("1", {1});
  deep.node("Pad", {"image", "pads"}, "x").node("Unsqueeze", {"x", "1"}, "u");
  deep.node("AveragePool", {"u"}, "y", Attributes().ints("kernel_shape", {5, 1, 1}));
  expect_line(hostile_refusal(deep, "y"), "a matrix of 4194303 by 4194307 channels");
  OnnxFile long_chain;
  long_chain.whole("pads", {0, 0, 3, 3, 0, 0, 3, 3}).whole("crop", {0, 0, -3, -3, 0, 0, -3, -3});
  std::string last = "image";
  for (int i = 0; i < 8000; ++i) {
    const std::string padded = joined("p", i), next = joined("c", i);
    long_chain.node("Pad", {last, "pads"}, padded, Attributes().text("mode", "reflect"));
    long_chain.node("Pad", {padded, "crop"}, next);
    last = next;
  }
  expect_line(hostile_refusal(long_chain, last), "a layer claims");
}

TEST(OnnxHostile, DeepNestingIsNotFollowed) {
  std::string graph = message(1, message(4, "Relu"));
  for (int i = 0; i < 1000; ++i) {  // an attribute's graph in a node in an attribute's graph...
    graph =
        message(1, message(4, "If") + message(5, message(1, "then_branch") + message(6, graph)));
  }
  expect_line(refusal_of_bytes(model_of(graph)), "graphs inside of graphs, more than 4 deep");
}

TEST(OnnxHostile, LongChainsAndManyReaders) {
  OnnxFile chain;
  std::string last = "image";
  for (int i = 0; i < 5000; ++i) {
    const std::string next = joined("t", i);
    chain.node("Identity", {last}, next);
    last = next;
  }
  expect_line(hostile_refusal(chain, last), "is not computed from the image");
  OnnxFile doubled = small_net();  // of 2^60 paths
  last = "b";
  for (int i = 0; i < 60; ++i) {
    const std::string next = joined("d", i);
    doubled.node("Add", {last, last}, next);
    last = next;
  }
  doubled.node("GlobalAveragePool", {last}, "q").node("Flatten", {"q"}, "scores");
  const std::string path = doubled.file("scores");
  EXPECT_EQ(import_model(path, {}).params.classes, 4);
}

TEST(OnnxHostile, CyclesAndNamesMadeTwice) {
  OnnxFile cycle = small_net();
  cycle.node("Add", {"b", "y"}, "x").node("Relu", {"x"}, "y").node("GlobalAveragePool", {"y"}, "z");
  expect_line(hostile_refusal(cycle, "z"), "reads 'y', which no node before it makes");
  OnnxFile itself = small_net();
  itself.node("Add", {"b", "x"}, "x");
  expect_line(hostile_refusal(itself, "x"), "reads 'x', which no node before it makes");
  OnnxFile twice;
  twice.node("Relu", {"image"}, "a").node("Sigmoid", {"image"}, "a").node("Relu", {"a"}, "b");
  expect_line(hostile_refusal(twice, "b"), "makes 'a' a second time");
  OnnxFile image;
  image.node("Relu", {"image"}, "image").node("Relu", {"image"}, "b");
  expect_line(hostile_refusal(image, "b"), "makes 'image' a second time");
}

TEST(OnnxHostile, HugeNumbers) {
  constexpr int64_t huge = INT64_MAX, low = INT64_MIN;
  const auto pooled = [](const Attributes& attributes) {
    OnnxFile net = small_net();
    net.node("MaxPool", {"b"}, "m", attributes).node("GlobalAveragePool", {"m"}, "t");
    return hostile_refusal(net, "t");
  };
  for (const int64_t number : {huge, low, int64_t{1} << 40, int64_t{0}, int64_t{-1}}) {
    expect_line(pooled(Attributes().ints("kernel_shape", {number, number})), "node 'node_m'");
    expect_line(pooled(Attributes().ints("kernel_shape", {2, 2}).ints("strides", {number, 1})),
                "node 'node_m'");
    expect_line(pooled(Attributes().ints("kernel_shape", {2, 2}).ints("dilations", {number, 1})),
                "node 'node_m'");
    if (number == 0) continue;
    expect_line(pooled(Attributes().ints("kernel_shape", {2, 2}).ints("pads", {number, 0, 0, 0})),
                "node 'node_m'");
    OnnxFile padded = small_net();
    const int64_t cells = number == -1 ? -4 : number;  // 8 - 4 - 4 are none
    padded.whole("cells", {0, 0, cells, 0, 0, 0, cells, 0})
        .node("Pad", {"b", "cells"}, "x")
        .node("GlobalAveragePool", {"x"}, "t");
    expect_line(hostile_refusal(padded, "t"), "node 'node_x'");
    OnnxFile reshaped = small_net();
    reshaped.whole("dims", {number, 2, huge}).node("Reshape", {"b", "dims"}, "t");
    expect_line(hostile_refusal(reshaped, "t"), "node 'node_t'");
    OnnxFile sliced = small_net();
    sliced.whole("from", {number})
        .whole("to", {low})
        .whole("axes", {1})
        .node("Slice", {"b", "from", "to", "axes"}, "t");
    expect_line(hostile_refusal(sliced, "t"), "node 'node_t'");
    OnnxFile grouped = small_net();
    grouped.weight("w", {4, 4, 1, 1})
        .node("Conv", {"b", "w"}, "x", Attributes().integer("group", number == -1 ? 3 : number))
        .node("GlobalAveragePool", {"x"}, "t");
    expect_line(hostile_refusal(grouped, "t"), "node 'node_x'");
  }
  OnnxFile split = small_net();
  split.whole("sizes", {huge, huge})
      .node("Split", {"b", "sizes"}, "t", Attributes().integer("axis", 1));
  expect_line(hostile_refusal(split, "t"), "node 'node_t'");
  OnnxFile axis = small_net();
  axis.node("Concat", {"b", "b"}, "t", Attributes().integer("axis", low));
  expect_line(hostile_refusal(axis, "t"), "node 'node_t'");
  OnnxFile gather = small_net();
  gather.whole("list", {1, 2})
      .whole("at", {low})
      .node("Gather", {"list", "at"}, "dims")
      .node("Reshape", {"b", "dims"}, "t");
  expect_line(hostile_refusal(gather, "t"), "node 'node_dims' ('Gather'): Gather beyond the end");
}

TEST(OnnxHostile, ImagesOfHugeOrNoSize) {
  const auto with_input = [](const std::vector<int64_t>& dims) {
    OnnxFile net(dims);
    net.node("GlobalAveragePool", {"image"}, "t");
    return hostile_refusal(net, "t");
  };
  expect_line(with_input({1, 3, 100000, 100000}), "sizes are 1 to 4096");
  expect_line(with_input({1, int64_t{1} << 40, 8, 8}), "images have 3 channels, or 1");
  expect_line(with_input({}), "batch, channels, height and width are needed");
  expect_line(with_input(std::vector<int64_t>(100000, 1)), "batch, channels, height and width");
}

/// A few bytes each that gather a great many numbers.
TEST(OnnxHostile, ConstantsThatGrow) {
  OnnxFile net = small_net();
  net.whole("many", {1 << 20}).node("ConstantOfShape", {"many"}, "zeros");
  net.node("Cast", {"zeros"}, "indices", Attributes().integer("to", 7)).weight("row", {1, 64});
  net.node("Gather", {"row", "indices"}, "rows").node("Reshape", {"b", "rows"}, "t");
  expect_line(hostile_refusal(net, "t"), "far more than a file of this size holds");
  OnnxFile doubled = small_net();
  doubled.whole("list", {1, 2, 3, 4});
  std::string last = "list";
  for (int i = 0; i < 40; ++i) {
    const std::string next = joined("l", i);
    doubled.node("Concat", {last, last}, next, Attributes().integer("axis", 0));
    last = next;
  }
  doubled.node("Reshape", {"b", last}, "t");
  expect_line(hostile_refusal(doubled, "t"), "far more than a file of this size holds");
}

/// A weight whose values are in a file beside the model.
OnnxFile with_external(const std::vector<std::pair<std::string, std::string>>& entries,
                       int weights = 1) {
  OnnxFile net = small_net();
  std::string content = number(14, 1), last = "b";
  for (const auto& [key, value] : entries)
    content += message(13, message(1, key) + message(2, value));
  for (int i = 0; i < weights; ++i) {
    const std::string name = joined("far", i), next = joined("x", i);
    net.tensor(name, {4, 4, 1, 1}, 1, content).node("Conv", {last, name}, next);
    last = next;
  }
  net.node("GlobalAveragePool", {last}, "t");
  return net;
}

TEST(OnnxHostile, ExternalDataStaysInItsFolderAndInItsFile) {
  const fs::path folder = fs::path(temporary_path(".onnx")).parent_path();
  const std::string beside = fs::path(temporary_path(".bin")).filename().string();
  write_bytes((folder / beside).string(), Bytes(64, 0));
  EXPECT_EQ(import_model(with_external({{"location", beside}}).file("t"), {}).params.classes, 4);
  const auto line = [](const std::vector<std::pair<std::string, std::string>>& entries) {
    return hostile_refusal(with_external(entries), "t");
  };
  const char* outside = "it must lie in the model's folder";
  expect_line(line({{"location", "/etc/passwd"}}), outside);
  expect_line(line({{"location", "../" + beside}}), outside);
  expect_line(line({{"location", "a/../../" + beside}}), outside);
  expect_line(line({{"location", ""}}), "no file's name");
  expect_line(line({{"location", std::string("a\0b", 3)}}), "no file's name");
  expect_line(line({}), "no file's name");
  expect_line(line({{"location", "is_not_there.bin"}}), "is_not_there.bin");
  expect_line(line({{"location", "."}}), "");
  expect_line(line({{"location", beside}, {"offset", "1"}}), "is beyond the file's end");
  expect_line(line({{"location", beside}, {"offset", "18446744073709551615"}}),
              "is beyond the file's end");
  expect_line(line({{"location", beside}, {"offset", "18446744073709551616"}}),
              "that is no number");
  expect_line(line({{"location", beside}, {"offset", "-1"}}), "that is no number");
  const std::string link = fs::path(temporary_path(".link")).filename().string();
  fs::remove(folder / link);
  fs::create_symlink("/etc/passwd", folder / link);
  expect_line(line({{"location", link}}), "a link is not followed");
  fs::remove(folder / link);
  fs::remove(folder / beside);
}

/// 64 MiB may be claimed by any file; a network of more has its weights in a larger file.
TEST(OnnxHostile, ExternalDataCountsForTheBudgetAsOftenAsItIsRead) {
  const fs::path folder = fs::path(temporary_path(".onnx")).parent_path();
  const std::string beside = fs::path(temporary_path(".bin")).filename().string();
  constexpr int64_t side = 2048, bytes = side * side * 4;  // 16 MiB
  {
    std::ofstream file(folder / beside, std::ios::binary);
    file.seekp(bytes - 1);
    file.put('\0');
  }
  const auto net = [&](int weights) {
    OnnxFile made;
    std::string last = "f";
    made.weight("c", {side, 3, 1, 1}).node("Conv", {"image", "c"}, "a");
    made.node("GlobalAveragePool", {"a"}, "p").node("Flatten", {"p"}, "f");
    const std::string content =
        number(14, 1) + message(13, message(1, "location") + message(2, beside));
    for (int i = 0; i < weights; ++i) {
      const std::string name = joined("far", i), next = joined("x", i);
      made.tensor(name, {side, side}, 1, content).node("Gemm", {last, name}, next);
      last = next;
    }
    return made.bytes(last);
  };
  const std::string path = temporary_path(".onnx"), five = net(5), twenty = net(20);
  write_bytes(path, Bytes(five.begin(), five.end()));
  EXPECT_EQ(import_model(path, {}).params.classes, side);
  expect_line(refusal_of_bytes(twenty), "far more than a file of this size holds");
  fs::remove(folder / beside);
}

}  // namespace
}  // namespace hdecomp
