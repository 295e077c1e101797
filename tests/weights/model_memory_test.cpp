/// Models out of a file's bytes in memory: the same weights, the same refusals.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>

#include "hdecomp/model.h"
#include "tests/support/hostile_files.h"
#include "tests/support/slim_models.h"
#include "weights/hdf5/hdf5_attributes.h"
#include "weights/hdf5/hdf5_memory.h"
#include "weights/hdf5/hdf5_read.h"
#include "weights/model/model_file.h"

namespace hdecomp {
namespace {

using namespace file_testing;
using namespace testing_models;

std::string file_of(const std::string& arch, bool halves = false) {
  ModelData model = tiny_model(arch, 4);
  model.weights_16 = halves;
  const std::string path = temporary_path(".h5");
  write_model(model, path);
  return path;
}

std::string fault_of(std::span<const uint8_t> bytes, const std::string& name) {
  return line_if_refused([&] { read_model(bytes, name); });
}

std::string fault_of(const std::string& path) {
  return line_if_refused([&] { read_model(path); });
}

bool same_tensor(const Tensor& a, const Tensor& b) {
  return a.elements() == b.elements() &&
         (a.elements() == 0 || std::memcmp(a.data(), b.data(), a.span().size_bytes()) == 0);
}

TEST(ModelMemoryBytes, FilesThatAreOpenAtTheSameTimeAreTwo) {
  const SilentHdf5 silent;
  const Bytes vgg = read_bytes(file_of("vgg11")), resnet = read_bytes(file_of("resnet18"));
  const H5Handle first = open_hdf5_in_memory(vgg, "first"),
                 second = open_hdf5_in_memory(resnet, "second"),
                 third = open_hdf5_in_memory(vgg, "third"), written = create_hdf5_in_memory();
  EXPECT_EQ(Hdf5Reader("first", first).text_attribute("arch"), "vgg11");
  EXPECT_EQ(Hdf5Reader("second", second).text_attribute("arch"), "resnet18");
  EXPECT_EQ(Hdf5Reader("third", third).text_attribute("arch"), "vgg11");
  EXPECT_FALSE(has_attribute(written, "arch"));
}

TEST(ModelMemoryBytes, AFileOfAnyNameBesideTheProgramIsNotInTheWay) {
  const Bytes bytes = read_bytes(file_of("vgg11"));
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(empty_folder());
  write_bytes("memory", {1});
  EXPECT_EQ(read_model(bytes, "a name").params.arch, "vgg11");
  std::filesystem::current_path(before);
}

TEST(ModelMemoryBytes, GiveTheFilesWeights) {
  for (const bool halves : {false, true}) {
    const std::string path = file_of("vgg11", halves);
    Bytes bytes = read_bytes(path);
    bytes.insert(bytes.begin(), 1, 0);  // at no multiple of anything
    const ModelData read = read_model(std::span(bytes).subspan(1), "a name"),
                    file = read_model(path);
    bytes.assign(bytes.size(), 0);  // nothing of them is kept
    ASSERT_EQ(read.layers.size(), file.layers.size());
    for (size_t i = 0; i < read.layers.size(); ++i) {
      EXPECT_TRUE(same_tensor(read.layers[i].weight, file.layers[i].weight)) << i;
      EXPECT_TRUE(same_tensor(read.layers[i].bias, file.layers[i].bias)) << i;
    }
    EXPECT_EQ(read.source, file.source);
  }
}

TEST(ModelMemoryBytes, AreRefusedAsTheFileIs) {
  const Bytes whole = read_bytes(file_of("vgg11"));
  EXPECT_THAT(fault_of(std::span<const uint8_t>(), "a name"),
              testing::HasSubstr("a name: no bytes"));
  const std::vector<uint8_t> text(100, 'x');
  EXPECT_THAT(fault_of(text, "a name"), testing::HasSubstr("a name: not an HDF5 file"));
  const std::string path = temporary_path(".h5");
  for (const size_t part : {whole.size() / 3, whole.size() / 2, whole.size() - 1}) {
    const Bytes cut(whole.begin(), whole.begin() + static_cast<long>(part));
    write_bytes(path, cut);
    EXPECT_NE(fault_of(cut, path), "");
    EXPECT_EQ(fault_of(cut, path), fault_of(path)) << part;
  }
}

}  // namespace
}  // namespace hdecomp
