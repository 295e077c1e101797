/// The model file: what is written is read again bit by bit, whole or not at all.
#include "weights/model/model_file.h"
#include "weights/model/initialise.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmath>
#include <csignal>
#include <cstring>
#include <filesystem>

#include "tests/support/hostile_files.h"
#include "tests/support/slim_models.h"
#include "weights/hdf5/hdf5_attributes.h"

namespace hdecomp {
namespace {

using namespace file_testing;
using namespace testing_models;
namespace fs = std::filesystem;

bool same_bits(const Tensor& a, const Tensor& b) {
  return a.shape() == b.shape() && a.elements() == b.elements() &&
         (a.elements() == 0 || std::memcmp(a.data(), b.data(), a.span().size_bytes()) == 0);
}

bool same_weights(const ModelData& a, const ModelData& b) {
  bool same = a.layers.size() == b.layers.size();
  for (size_t i = 0; same && i < a.layers.size(); ++i) {
    same = same_bits(a.layers[i].weight, b.layers[i].weight) &&
           same_bits(a.layers[i].bias, b.layers[i].bias);
  }
  return same;
}

TEST(ModelFile, GivesBackEveryBit) {
  for (const char* arch : {"resnet18", "resnet50", "vgg11_bn", "alexnet"}) {
    ModelData model = tiny_model(arch, 3);
    model.params.stride_in_1x1 = true;
    model.graph = build_graph(model.params);
    model.preprocess = {Resize::stretch, 72, 64, {0.1f, 0.2f, 0.3f}, {0.4f, 0.5f, 0.6f}};
    model.classes = {"a", "", "a longer name", "naïve ☃", "b c", "d'e", "\"f\""};
    model.wnids = {"n1", "n22", "n333", "n4", "n5", "n6", "n7"};
    model.source = "a file sha256:0";
    const std::string path = temporary_path(".h5");
    model.preprocess.interpolation = Interpolation::bicubic;
    write_model(model, path);
    const ModelData read = read_model(path);
    EXPECT_TRUE(same_weights(read, model)) << arch;
    EXPECT_EQ(read.preprocess.interpolation, Interpolation::bicubic);
    EXPECT_EQ(read.params.arch, arch);
    EXPECT_EQ(read.params.widths, model.params.widths);
    EXPECT_EQ(read.params.hidden_units, model.params.hidden_units);
    EXPECT_EQ(read.params.classes, 7);
    EXPECT_EQ(read.params.input_size, 64);
    EXPECT_EQ(read.params.pool_size, model.params.pool_size);
    EXPECT_TRUE(read.params.stride_in_1x1);
    EXPECT_EQ(read.preprocess.resize, Resize::stretch);
    EXPECT_EQ(read.preprocess.size, 72);
    EXPECT_EQ(read.preprocess.crop, 64);
    EXPECT_EQ(read.preprocess.mean, model.preprocess.mean);
    EXPECT_EQ(read.preprocess.std, model.preprocess.std);
    EXPECT_EQ(read.classes, model.classes);
    EXPECT_EQ(read.wnids, model.wnids);
    EXPECT_EQ(read.source, model.source);
    EXPECT_EQ(read.graph.shapes, model.graph.shapes);
  }
}

int64_t version_of(const std::string& path) {
  const H5Handle file(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), H5Fclose);
  return Hdf5Reader(path, file).int_attribute("format_version");
}

TEST(ModelFile, ARectangleKeepsItsSides) {
  const std::string path = temporary_path(".h5");
  for (const Resize resize : {Resize::cover, Resize::stretch}) {
    NetParams params = tiny_params("resnet18");
    params.input_size = {64, 96};
    ModelData model = initialise_model(params, 3);
    EXPECT_EQ(model.preprocess.size, PixelSize(73, 110));  // 256 / 224 of it
    model.preprocess.resize = resize;
    write_model(model, path);
    EXPECT_EQ(version_of(path), 3);
    const ModelData read = read_model(path);
    EXPECT_TRUE(same_weights(read, model));
    EXPECT_EQ(read.preprocess.resize, resize);
    EXPECT_EQ(read.preprocess.size, PixelSize(73, 110));
    EXPECT_EQ(read.preprocess.crop, PixelSize(64, 96));
    EXPECT_EQ(read.params.input_size, PixelSize(64, 96));
    EXPECT_EQ(read.graph.shapes[0], (FeatureShape{3, 64, 96}));
    EXPECT_EQ(read.graph.shapes, model.graph.shapes);
  }
  ModelData model = tiny_model("resnet18");  // a square that is cut out of a rectangle
  model.preprocess.resize = Resize::stretch;
  model.preprocess.size = {70, 90};
  write_model(model, path);
  EXPECT_EQ(version_of(path), 3);
  EXPECT_EQ(read_model(path).preprocess.size, PixelSize(70, 90));
  write_model(tiny_model("resnet18"), path);
  EXPECT_EQ(version_of(path), 1);  // for older readers
}

TEST(ModelFile, TheSameModelGivesTheSameBytes) {
  const std::string path = temporary_path(".h5");
  write_model(tiny_model("vgg11"), path);
  const Bytes first = read_bytes(path);
  sleep(1);  // HDF5 would note the second
  write_model(tiny_model("vgg11"), path);
  EXPECT_EQ(read_bytes(path), first);
}

TEST(ModelFile, NamesMayBeUnknown) {
  const std::string path = temporary_path(".h5");
  write_model(tiny_model("vgg11"), path);
  const ModelData read = read_model(path);
  EXPECT_TRUE(read.classes.empty());
  EXPECT_TRUE(read.wnids.empty());
}

TEST(Initialise, TheSeedFixesTheBits) {
  const ModelData model = tiny_model("resnet18", 5);
  EXPECT_TRUE(same_weights(model, tiny_model("resnet18", 5)));
  EXPECT_FALSE(
      same_bits(layer_of(model, "fc").weight, layer_of(tiny_model("resnet18", 6), "fc").weight));
  EXPECT_NE(layer_of(model, "layer4.1.conv1").weight.span()[0],
            layer_of(model, "layer4.1.conv2").weight.span()[0]);
}

TEST(Initialise, HasHesVariance) {
  NetParams params = tiny_params("vgg11");
  params.widths = {16, 32, 64, 32, 16, 16, 16, 16};
  const ModelData model = initialise_model(params, 0);
  for (const auto& [name, fan_in] : {std::pair{"conv2_1", 16 * 9}, {"conv3_1", 32 * 9}}) {
    const LayerWeights& layer = layer_of(model, name);
    double sum = 0, squares = 0;
    for (const float w : layer.weight.span()) sum += w, squares += double{w} * w;
    const auto count = static_cast<double>(layer.weight.elements());
    const double variance = 2.0 / fan_in;
    EXPECT_NEAR(squares / count, variance, 0.05 * variance) << name;  // 4608 values or more
    EXPECT_NEAR(sum / count, 0, 4 * std::sqrt(variance / count)) << name;
    for (const float b : layer.bias.span()) EXPECT_EQ(b, 0);
  }
}

/// The folder holds nothing but what is named.
void expect_only(const std::string& folder, const std::vector<std::string>& names) {
  std::vector<std::string> found;
  for (const auto& entry : fs::directory_iterator(folder)) {
    found.push_back(entry.path().filename().string());
  }
  std::ranges::sort(found);
  EXPECT_EQ(found, names);
}

TEST(ModelFile, WritesWholeFilesOrNone) {
  const std::string folder = empty_folder();
  const ModelData model = tiny_model("vgg11");
  const auto line = [&](const std::string& path) {
    return error_line([&] { write_model(model, path); });
  };
  expect_line(line(folder + "/none/m.h5"), folder + "/none/m.h5");
  expect_line(line("/proc/m.h5"), "/proc/m.h5");
  expect_line(line(folder), folder);
  expect_line(line("/dev/null"), "/dev/null");
  ASSERT_TRUE(fs::is_character_file("/dev/null"));
  ModelData broken = tiny_model("vgg11");
  broken.layers.at(1).bias.data()[0] = NAN;
  expect_line(error_line([&] { write_model(broken, folder + "/m.h5"); }), "conv1_1/bias");
  expect_only(folder, {});
  if (geteuid() != 0) {
    fs::permissions(folder, fs::perms::owner_read | fs::perms::owner_exec);
    expect_line(line(folder + "/m.h5"), folder + "/m.h5");
    fs::permissions(folder, fs::perms::owner_all);
    expect_only(folder, {});
  }
}

/// Where a file may have no more than `bytes` (stderr too is a file); the process ends as any
/// other, with 3 after a UserError.
[[noreturn]] void write_on_full_disk(const std::string& path, rlim_t bytes) {
  const rlimit limit{bytes, bytes};
  setrlimit(RLIMIT_FSIZE, &limit);
  std::signal(SIGXFSZ, SIG_IGN);
  try {
    write_model(tiny_model("vgg11"), path);
  } catch (const UserError& error) {
    std::fprintf(stderr, "%s\n", error.what());
    std::exit(3);
  }
  std::exit(0);
}

TEST(ModelFileDeathTest, AFullDiskLeavesTheOldFile) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");  // OpenMP's threads do not survive a fork
  const std::string folder = temporary_path("_folder"), path = folder + "/m.h5";
  fs::create_directory(folder);
  write_bytes(path, {'o', 'l', 'd'});
  for (const rlim_t bytes : {2000, 20000}) {
    EXPECT_EXIT(write_on_full_disk(path, bytes), ::testing::ExitedWithCode(3), "m.h5: can't");
    EXPECT_EQ(read_bytes(path), (Bytes{'o', 'l', 'd'}));
    expect_only(folder, {"m.h5"});
  }
  EXPECT_EXIT(write_on_full_disk(path, 1 << 20), ::testing::ExitedWithCode(0), "");
  EXPECT_EQ(read_model(path).params.arch, "vgg11");
}

}  // namespace
}  // namespace hdecomp
