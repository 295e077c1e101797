/// The model file: what is written is read again bit by bit, and what is no model is refused.
#include "weights/model_file.h"

#include <gtest/gtest.h>
#include <hdf5.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmath>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <limits>

#include "tests/hostile_files.h"
#include "tests/slim_models.h"
#include "weights/hdf5_attributes.h"

namespace hdecomp {
namespace {

using namespace file_testing;
namespace fs = std::filesystem;

std::string write_slim(const std::string& arch = "vgg11") {
  const std::string path = temporary_path(".h5");
  write_model(slim_model(arch), path);
  return path;
}

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

/// Changes a good model file and gives the line that reading it ends with.
std::string line_after(const std::function<void(hid_t file)>& change) {
  const std::string path = write_slim();
  {
    const SilentHdf5 silent;
    const H5Handle file(H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT), H5Fclose);
    EXPECT_TRUE(file.valid());
    change(file);
  }
  const std::string line = error_line([&] { read_model(path); });
  expect_line(line, path);
  return line;
}

/// Replaces a root attribute.
template <class T>
std::string line_with(const std::string& name, const T& value) {
  return line_after([&](hid_t file) {
    EXPECT_GE(H5Adelete(file, name.c_str()), 0);
    write_attribute(file, name, value);
  });
}

struct Storage {
  hid_t type = H5T_IEEE_F32LE;
  hsize_t chunk = 0;          // of the first dimension; 0: contiguous
  const char* external = "";  // the file that holds the values
};

/// Replaces a tensor; `values` may be empty.
void replace(hid_t file, const std::string& name, const std::vector<hsize_t>& extent,
             const std::vector<float>& values, const Storage& storage = {}) {
  if (H5Lexists(file, name.c_str(), H5P_DEFAULT) > 0) H5Ldelete(file, name.c_str(), H5P_DEFAULT);
  const H5Handle space(H5Screate_simple(static_cast<int>(extent.size()), extent.data(), nullptr),
                       H5Sclose);
  const H5Handle creation(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
  if (storage.chunk != 0) {
    H5Pset_chunk(creation, static_cast<int>(extent.size()), &storage.chunk);
  }
  if (*storage.external != '\0') H5Pset_external(creation, storage.external, 0, H5F_UNLIMITED);
  const H5Handle data(
      H5Dcreate2(file, name.c_str(), storage.type, space, H5P_DEFAULT, creation, H5P_DEFAULT),
      H5Dclose);
  ASSERT_TRUE(data.valid());
  if (values.empty()) return;
  ASSERT_GE(H5Dwrite(data, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()), 0);
}

TEST(ModelFile, GivesBackEveryBit) {
  for (const char* arch : {"resnet18", "resnet50", "vgg11_bn", "alexnet"}) {
    ModelData model = slim_model(arch, 3);
    model.params.stride_in_1x1 = true;
    model.graph = build_graph(model.params);
    model.preprocess = {Resize::square, 72, 64, {0.1f, 0.2f, 0.3f}, {0.4f, 0.5f, 0.6f}};
    model.classes = {"a", "", "a longer name", "naïve ☃", "b c", "d'e", "\"f\""};
    model.wnids = {"n1", "n22", "n333", "n4", "n5", "n6", "n7"};
    model.source = "a file sha256:0";
    const std::string path = temporary_path(".h5");
    write_model(model, path);
    const ModelData read = read_model(path);
    EXPECT_TRUE(same_weights(read, model)) << arch;
    EXPECT_EQ(read.params.arch, arch);
    EXPECT_EQ(read.params.widths, model.params.widths);
    EXPECT_EQ(read.params.hidden_units, model.params.hidden_units);
    EXPECT_EQ(read.params.classes, 7);
    EXPECT_EQ(read.params.input_size, 64);
    EXPECT_EQ(read.params.pool_size, model.params.pool_size);
    EXPECT_TRUE(read.params.stride_in_1x1);
    EXPECT_EQ(read.preprocess.resize, Resize::square);
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

TEST(ModelFile, TheSameModelGivesTheSameBytes) {
  const std::string path = temporary_path(".h5");
  write_model(slim_model("vgg11"), path);
  const Bytes first = read_bytes(path);
  sleep(1);  // HDF5 would note the second
  write_model(slim_model("vgg11"), path);
  EXPECT_EQ(read_bytes(path), first);
}

TEST(ModelFile, NamesMayBeUnknown) {
  const ModelData read = read_model(write_slim());
  EXPECT_TRUE(read.classes.empty());
  EXPECT_TRUE(read.wnids.empty());
}

TEST(Initialise, TheSeedFixesTheBits) {
  const ModelData model = slim_model("resnet18", 5);
  EXPECT_TRUE(same_weights(model, slim_model("resnet18", 5)));
  EXPECT_FALSE(
      same_bits(layer_of(model, "fc").weight, layer_of(slim_model("resnet18", 6), "fc").weight));
  EXPECT_NE(layer_of(model, "layer4.1.conv1").weight.span()[0],
            layer_of(model, "layer4.1.conv2").weight.span()[0]);
}

TEST(Initialise, HasHesVariance) {
  NetParams params = slim_params("vgg11");
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

TEST(ModelFile, RefusesWhatIsNoModel) {
  const std::string path = temporary_path(".h5");
  const auto line = [](const std::string& of) { return error_line([&] { read_model(of); }); };
  expect_line(line("/nonexistent/a.h5"), "/nonexistent/a.h5");
  expect_line(line(::testing::TempDir()), ::testing::TempDir());
  write_bytes(path, {});
  expect_line(line(path), path + ": the file is empty");
  write_bytes(path, Bytes(5000, 'x'));
  expect_line(line(path), path + ": not an HDF5 file");
  fs::remove(path);
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  expect_line(line(path), path + ": is not a regular file");
  fs::remove(path);
}

TEST(ModelFile, RefusesForeignHdf5AndNewerVersions) {
  expect_line(line_after([](hid_t file) { H5Adelete(file, "format"); }), "no hdecomp model");
  expect_line(line_with("format", std::string("other")), "no hdecomp model");
  const std::string newer = line_with("format_version", int64_t{2});
  expect_line(newer, "version 2");
  expect_line(newer, "reads version 1");
}

TEST(ModelFile, RefusesWrongAttributes) {
  expect_line(line_with("format", int64_t{1}), "'format'");
  expect_line(line_with("format_version", std::string("1")), "'format_version'");
  expect_line(line_with("arch", int64_t{1}), "'arch'");
  expect_line(line_with("arch", std::string("vgg12")), "'vgg12'; did you mean 'vgg1");
  expect_line(line_with("arch", std::string("a\nb\x1b[2J")), "unknown architecture");
  expect_line(line_with("widths", std::vector<float>{1, 2}), "'widths'");
  expect_line(line_with("widths", std::vector<int64_t>{4, 5}), "2 widths");
  expect_line(line_with("hidden_units", std::vector<int64_t>{4, -5}), "-5");
  expect_line(line_with("hidden_units", std::vector<int64_t>{1 << 20, 1 << 20}), "/layers/fc6");
  expect_line(line_with("pool_size", int64_t{4096}), "/layers/fc6");
  expect_line(line_with("class_count", int64_t{0}), "class count");
  expect_line(line_with("class_count", std::vector<int64_t>{7, 7}), "'class_count'");
  expect_line(line_with("crop", std::numeric_limits<int64_t>::max()), "crop");
  expect_line(line_with("crop", int64_t{1}), "does not fit");
  expect_line(line_with("resize", std::string("longer")), "'resize'");
  expect_line(line_with("resize_size", int64_t{5000}), "5000");
  expect_line(line_with("mean", std::vector<float>{1, 2}), "'mean'");
  expect_line(line_with("std", std::vector<float>{1, 0, 1}), "std");
  expect_line(line_with("std", std::vector<float>{1, NAN, 1}), "std");
  for (const char* name : {"arch", "source", "widths", "std", "crop", "stride_in_1x1"}) {
    expect_line(line_after([&](hid_t file) { H5Adelete(file, name); }), name);
  }
}

TEST(ModelFile, RefusesWrongClassNames) {
  expect_line(line_after([](hid_t file) {
                write_strings(file, "classes", {"a", "b"});
              }),
              "2 class names for 7 classes");
  expect_line(line_after([](hid_t file) { write_strings(file, "wnids", {"n1"}); }),
              "1 class names");
  expect_line(line_after([](hid_t file) { replace(file, "classes", {7}, {}); }), "'classes'");
}

TEST(ModelFile, RefusesMissingExtraAndMisshapenTensors) {
  const std::string tensor = "/layers/conv2_1/weight";  // (5, 4, 3, 3)
  const std::string missing =
      line_after([&](hid_t file) { H5Ldelete(file, tensor.c_str(), H5P_DEFAULT); });
  expect_line(missing, tensor + " is missing");
  expect_line(missing, "(5, 4, 3, 3)");
  const std::string shape = line_after([&](hid_t file) {
    replace(file, tensor, {5, 4, 3, 1}, {});
  });
  expect_line(shape, tensor);
  expect_line(shape, "(5, 4, 3, 1)");
  expect_line(shape, "(5, 4, 3, 3)");
  expect_line(line_after([&](hid_t file) {
                replace(file, tensor, {1, 5, 4, 3, 3}, {});
              }),
              "5 dimensions");
  expect_line(line_after([&](hid_t file) { replace(file, "/layers/conv2_1/bias", {6}, {}); }),
              "(6), expected (5)");
  const auto add_layer = [](hid_t file) {
    const H5Handle group(H5Gcreate2(file, "/layers/conv9_9", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT),
                         H5Gclose);
  };
  expect_line(line_after(add_layer), "conv9_9");
  expect_line(line_after([](hid_t file) { H5Ldelete(file, "/layers/fc7", H5P_DEFAULT); }),
              "/layers/fc7/weight is missing");
  expect_line(line_after([](hid_t file) { H5Ldelete(file, "/layers", H5P_DEFAULT); }), "/layers");
}

TEST(ModelFile, RefusesOtherStorage) {
  const std::string tensor = "/layers/fc8/bias";  // (7)
  const std::vector<float> seven(7, 1.0f);
  const std::string other = temporary_path(".raw");
  write_bytes(other, Bytes(28, 0));
  for (const Storage& storage : {Storage{H5T_IEEE_F64LE},
                                 {H5T_IEEE_F32BE},
                                 {H5T_STD_I32LE},
                                 {H5T_IEEE_F32LE, 7},
                                 {H5T_IEEE_F32LE, 0, other.c_str()}}) {
    expect_line(line_after([&](hid_t file) { replace(file, tensor, {7}, seven, storage); }),
                tensor);
  }
  // Never written: HDF5 would read zeros.
  expect_line(line_after([&](hid_t file) { replace(file, tensor, {7}, {}); }), tensor);
}

TEST(ModelFile, RefusesValuesThatAreNotFinite) {
  for (const float bad : {NAN, INFINITY, -INFINITY}) {
    const std::vector<float> values{0, 0, 0, 0, bad, 0, 0};
    const std::string line =
        line_after([&](hid_t file) { replace(file, "/layers/fc8/bias", {7}, values); });
    expect_line(line, "fc8/bias");
    expect_line(line, "element 4");
  }
}

TEST(ModelFile, RefusesEveryTruncation) {
  const std::string path = write_slim();
  const Bytes good = read_bytes(path);
  const auto read = [&](const Bytes& bytes) {
    write_bytes(path, bytes);
    read_model(path);
  };
  expect_beginnings_refused(good, read, good.size() / 50);
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

std::string fresh_folder() {
  const std::string folder = temporary_path("_folder");
  fs::remove_all(folder);
  fs::create_directory(folder);
  return folder;
}

TEST(ModelFile, WritesWholeFilesOrNone) {
  const std::string folder = fresh_folder();
  const ModelData model = slim_model("vgg11");
  const auto line = [&](const std::string& path) {
    return error_line([&] { write_model(model, path); });
  };
  expect_line(line(folder + "/none/m.h5"), folder + "/none/m.h5");
  expect_line(line("/proc/m.h5"), "/proc/m.h5");
  expect_line(line(folder), folder);
  expect_line(line("/dev/null"), "/dev/null");
  ASSERT_TRUE(fs::is_character_file("/dev/null"));
  ModelData broken = slim_model("vgg11");
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
    write_model(slim_model("vgg11"), path);
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
