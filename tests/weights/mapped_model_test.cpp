/// Models on their file's own pages: the same numbers, and nothing where that can't be.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <hdf5.h>

#include <cstring>
#include <filesystem>
#include <fstream>

#include "nets/layer_names.h"
#include "tests/support/hostile_files.h"
#include "tests/support/slim_models.h"
#include "weights/file/file_descriptor.h"
#include "weights/file/mapped_floats.h"
#include "weights/hdf5/hdf5_handles.h"
#include "weights/model/model_file.h"

namespace hdecomp {
namespace {

using namespace file_testing;
using namespace testing_models;
namespace fs = std::filesystem;

std::string written_net() {
  const std::string path = temporary_path(".h5");
  write_model(slim_model("vgg11", 64, 5), path);
  return path;
}

/// Whether the process's memory map has this address on the file.
bool on_pages_of(const std::string& path, const void* address) {
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    size_t begin = 0, end = 0;
    if (std::sscanf(line.c_str(), "%zx-%zx", &begin, &end) != 2) continue;
    const auto at = reinterpret_cast<size_t>(address);
    if (at >= begin && at < end) return line.ends_with(fs::canonical(path).string());
  }
  return false;
}

/// How many of the mapping that the address is in are in the process's memory, in KiB.
int64_t resident_kib(const void* address) {
  std::ifstream maps("/proc/self/smaps");
  bool here = false;
  for (std::string line; std::getline(maps, line);) {
    size_t begin = 0, end = 0;
    if (std::sscanf(line.c_str(), "%zx-%zx ", &begin, &end) == 2) {
      const auto at = reinterpret_cast<size_t>(address);
      here = at >= begin && at < end;
    }
    if (here && line.starts_with("Rss:")) return std::stoll(line.substr(4));
  }
  return -1;
}

/// The bytes from a layer's weight on.
int64_t offset_of(const std::string& path, const std::string& layer) {
  const H5Handle file(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), H5Fclose);
  const H5Handle data(H5Dopen2(file, ("/layers/" + layer + "/weight").c_str(), H5P_DEFAULT),
                      H5Dclose);
  return static_cast<int64_t>(H5Dget_offset(data));
}

void expect_same_weights(const ModelData& a, const ModelData& b) {
  ASSERT_EQ(a.layers.size(), b.layers.size());
  for (size_t i = 0; i < a.layers.size(); ++i) {
    const Tensor &one = a.layers[i].weight, &other = b.layers[i].weight;
    ASSERT_EQ(one.elements(), other.elements());
    if (one.elements() == 0) continue;
    EXPECT_EQ(std::memcmp(one.data(), other.data(), one.span().size_bytes()), 0)
        << a.graph.nodes[i].name;
  }
}

const Tensor& weight_of(const ModelData& model, const std::string& layer) {
  return model.layers.at(find_layer(model.graph, layer)).weight;
}

TEST(MappedModel, LiesOnTheFilesPagesWithTheSameNumbers) {
  const std::string path = written_net();
  const ModelData own = read_model(path), mapped = read_model(path, ModelMemory::mapped);
  expect_same_weights(own, mapped);
  for (const char* layer : {"conv2_1", "conv5_2"}) {
    EXPECT_EQ(offset_of(path, layer) % 64, 0) << layer;
    EXPECT_TRUE(on_pages_of(path, weight_of(mapped, layer).data())) << layer;
    EXPECT_FALSE(on_pages_of(path, weight_of(own, layer).data())) << layer;
  }
}

/// But for the pages at its ends, which hold other numbers too.
TEST(MappedModel, InPassingIsLetGoAndReadAgain) {
  const std::string path = written_net();
  const ModelData own = read_model(path), mapped = read_model(path, ModelMemory::mapped);
  const ModelData passing = read_model(path, ModelMemory::mapped_in_passing);
  const Tensor &kept = weight_of(mapped, "conv5_2"), &gone = weight_of(passing, "conv5_2");
  const auto kib = static_cast<int64_t>(kept.span().size_bytes() / 1024);
  ASSERT_GT(kib, 32);
  EXPECT_TRUE(on_pages_of(path, gone.data()));
  EXPECT_GE(resident_kib(kept.data()), kib);
  EXPECT_LE(resident_kib(gone.data()), 8);
  expect_same_weights(own, passing);
  let_go(kept.data() + 1, kept.elements() - 2);
  EXPECT_LE(resident_kib(kept.data()), 8);
  expect_same_weights(own, mapped);
}

TEST(MappedModel, MemoryOfOthersIsNotLetGo) {
  const std::string path = written_net();
  const ModelData mapped = read_model(path, ModelMemory::mapped);  // there are mappings
  ModelData own = read_model(path);
  for (const LayerWeights& layer : own.layers) {
    if (layer.weight.elements() > 0) let_go(layer.weight.data(), layer.weight.elements());
  }
  const Tensor& weight = weight_of(mapped, "conv5_2");
  let_go(weight.data(), weight.elements() + (int64_t{1} << 20));  // beyond its end
  expect_same_weights(own, mapped);
}

TEST(MappedModel, OutlivesItsNameAndAFileThatTakesItsPlace) {
  const std::string path = written_net();
  const ModelData own = read_model(path), mapped = read_model(path, ModelMemory::mapped);
  write_model(slim_model("vgg11", 64, 6), path);  // which renames
  expect_same_weights(own, mapped);
  fs::remove(path);
  expect_same_weights(own, mapped);
}

TEST(MappedModel, FloatsThatDoNotLieAsTensorsDoAreNotMapped) {  // they are read
  const std::string path = temporary_path(".bin");
  write_bytes(path, Bytes(8192, 0x3f));
  const FileDescriptor file(open(path.c_str(), O_RDONLY));
  const Shape shape{100};
  for (const int64_t offset : {0, 64, 4096, 4160}) {
    const auto mapped = map_floats(file.number(), offset, shape);
    ASSERT_TRUE(mapped) << offset;
    EXPECT_EQ(mapped->data()[99], mapped->data()[0]);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(mapped->data()) % 64, 0u);
  }
  for (const int64_t offset : {4, 16, 32, 4095}) {
    EXPECT_FALSE(map_floats(file.number(), offset, shape)) << offset;
  }
  EXPECT_FALSE(map_floats(file.number(), 0, Shape{0}));
  EXPECT_FALSE(map_floats(-1, 0, shape));
}

TEST(MappedModel, ValuesThatAreNotFiniteAreNamed) {
  const std::string path = written_net();
  {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    const uint32_t nan = 0x7fc00000;
    file.seekp(offset_of(path, "conv5_2") + 4 * 17);
    file.write(reinterpret_cast<const char*>(&nan), sizeof nan);
  }
  const std::string line = error_line([&] { read_model(path, ModelMemory::mapped); });
  EXPECT_EQ(line, error_line([&] { read_model(path); }));
  EXPECT_NE(line.find("conv5_2"), std::string::npos) << line;
}

}  // namespace
}  // namespace hdecomp
