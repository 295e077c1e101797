/// What is no model file, or a damaged one, is refused in one line that names what is wrong.
#include <gtest/gtest.h>
#include <hdf5.h>
#include <sys/stat.h>

#include <cmath>
#include <filesystem>
#include <limits>

#include "tests/support/edit_hdf5.h"
#include "tests/support/hostile_files.h"
#include "tests/support/slim_models.h"
#include "weights/hdf5/hdf5_attributes.h"
#include "weights/model/model_file.h"

namespace hdecomp {
namespace {

using namespace file_testing;
using testing_models::tiny_model;
namespace fs = std::filesystem;

std::string write_tiny() {
  const std::string path = temporary_path(".h5");
  write_model(tiny_model("vgg11"), path);
  return path;
}

/// Changes a good model file and gives the line that reading it ends with.
std::string line_after(const std::function<void(hid_t file)>& change) {
  const std::string path = write_tiny();
  edit_hdf5(path, change);
  const std::string line = error_line([&] { read_model(path); });
  expect_line(line, path);
  EXPECT_EQ(error_line([&] { read_model(read_bytes(path), path); }), line);  // from memory, too
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

TEST(ModelFileRefusals, RefusesWhatIsNoModel) {
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

TEST(ModelFileRefusals, RefusesForeignHdf5AndNewerVersions) {
  expect_line(line_after([](hid_t file) { H5Adelete(file, "format"); }), "no hdecomp model");
  expect_line(line_with("format", std::string("other")), "no hdecomp model");
  const std::string newer = line_with("format_version", int64_t{4});
  expect_line(newer, "version 4");
  expect_line(newer, "reads versions 1 to 3");
}

TEST(ModelFileRefusals, RefusesWrongAttributes) {
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
  expect_line(line_with("interpolation", std::string("lanczos")), "'interpolation'");
  expect_line(line_with("interpolation", int64_t{1}), "'interpolation'");
  expect_line(line_with("resize_size", int64_t{5000}), "5000");
  expect_line(line_with("mean", std::vector<float>{1, 2}), "'mean'");
  expect_line(line_with("std", std::vector<float>{1, 0, 1}), "std");
  expect_line(line_with("std", std::vector<float>{1, NAN, 1}), "std");
  for (const char* name : {"arch", "source", "widths", "std", "crop", "stride_in_1x1"}) {
    expect_line(line_after([&](hid_t file) { H5Adelete(file, name); }), name);
  }
}

TEST(ModelFileRefusals, RefusesWrongSides) {
  const std::vector<int64_t> two{64, 60};
  for (const char* name : {"crop", "resize_size"}) {  // before version 3
    expect_line(line_with(name, two), joined("'", name, "' is not one number"));
  }
  const auto line = [](const char* name, const auto& value, const std::string& resize) {
    return line_after([&](hid_t file) {
      for (const char* old : {"format_version", "resize", name}) H5Adelete(file, old);
      write_attribute(file, "format_version", int64_t{3});
      write_attribute(file, "resize", resize);
      write_attribute(file, name, value);
    });
  };
  using Sides = std::vector<int64_t>;
  expect_line(line("crop", Sides{}, "shorter_side"), "'crop' is not one number");
  expect_line(line("crop", Sides{64, 64, 64}, "shorter_side"), "'crop' is not one number");
  expect_line(line("crop", Sides{64, 0}, "shorter_side"), "crop 64 x 0");
  expect_line(line("crop", Sides{-1, 64}, "shorter_side"), "crop -1 x 64");
  expect_line(line("crop", Sides{64, 4097}, "shorter_side"), "crop 64 x 4097");
  expect_line(
      line("crop", Sides{std::numeric_limits<int64_t>::min(), std::numeric_limits<int64_t>::max()},
           "shorter_side"),
      "crop -9223372036854775808 x 9223372036854775807");
  expect_line(line("resize_size", Sides{80, 63}, "cover"), "resize to 80 x 63 and crop 64 x 64");
  expect_line(line("resize_size", Sides{80, 5000}, "stretch"), "resize to 80 x 5000");
  expect_line(line("resize_size", Sides{80, 70}, "square"), "expected 'cover' or 'stretch'");
  expect_line(line("resize_size", Sides{80, 80}, "stretch"), "expected 'shorter_side' or 'square'");
}

TEST(ModelFileRefusals, RefusesWrongClassNames) {
  expect_line(line_after([](hid_t file) {
                write_strings(file, "classes", {"a", "b"});
              }),
              "2 class names for 7 classes");
  // Printed as they are, they may not command a terminal.
  expect_line(line_after([](hid_t file) {
                write_strings(file, "classes", {"a", "b", "c", "d", "e", "f", "\x1b[31mg"});
              }),
              "class name '\\x1b[31mg' has control characters");
  expect_line(line_after([](hid_t file) { write_strings(file, "wnids", {"n1"}); }),
              "1 class names");
  expect_line(line_after([](hid_t file) { replace(file, "classes", {7}, {}); }), "'classes'");
}

TEST(ModelFileRefusals, RefusesMissingExtraAndMisshapenTensors) {
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

TEST(ModelFileRefusals, RefusesOtherStorage) {
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

/// A group, a tensor's group, a tensor and the class names, each in another model file.
TEST(ModelFileRefusals, FollowsNoLinkIntoAnotherFile) {
  const std::string other = temporary_path("_other.h5");
  ModelData model = tiny_model("vgg11");
  model.classes = {"a", "b", "c", "d", "e", "f", "g"};
  write_model(model, other);
  for (const std::string name : {"/layers", "/layers/conv2_1", "/layers/fc8/bias", "/classes"}) {
    SCOPED_TRACE(name);
    const std::string line = line_after([&](hid_t file) {
      if (H5Lexists(file, name.c_str(), H5P_DEFAULT) > 0) {
        H5Ldelete(file, name.c_str(), H5P_DEFAULT);
      }
      ASSERT_GE(H5Lcreate_external(other.c_str(), name.c_str(), file, name.c_str(), H5P_DEFAULT,
                                   H5P_DEFAULT),
                0);
    });
    expect_line(line, name.substr(name.rfind('/') + 1));
  }
}

TEST(ModelFileRefusals, RefusesValuesInOtherFiles) {
  const std::string other = temporary_path(".raw");
  write_bytes(other, Bytes(28, 'a'));
  const auto text_of_one = [](hid_t file, hid_t creation) {
    const hsize_t count = 7;
    const H5Handle space(H5Screate_simple(1, &count, nullptr), H5Sclose);
    const H5Handle type(H5Tcopy(H5T_C_S1), H5Tclose);
    H5Tset_size(type, 4);
    const H5Handle data(
        H5Dcreate2(file, "classes", type, space, H5P_DEFAULT, creation, H5P_DEFAULT), H5Dclose);
    ASSERT_TRUE(data.valid());
  };
  expect_line(line_after([&](hid_t file) {
                const H5Handle external(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
                H5Pset_external(external, other.c_str(), 0, 28);
                text_of_one(file, external);
              }),
              "dataset 'classes' has its values in another file");
  expect_line(line_after([&](hid_t file) {
                const H5Handle map(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
                const hsize_t count = 7;
                const H5Handle space(H5Screate_simple(1, &count, nullptr), H5Sclose);
                ASSERT_GE(H5Pset_virtual(map, space, "elsewhere.h5", "/classes", space), 0);
                text_of_one(file, map);
              }),
              "dataset 'classes' has its values in another file");
  expect_line(line_after([&](hid_t file) {
                replace(file, "/layers/fc8/bias", {7}, {}, {H5T_IEEE_F32LE, 0, other.c_str()});
              }),
              "/layers/fc8/bias has its values in another file");
}

TEST(ModelFileRefusals, RefusesValuesThatAreNotFinite) {
  for (const float bad : {NAN, INFINITY, -INFINITY}) {
    const std::vector<float> values{0, 0, 0, 0, bad, 0, 0};
    const std::string line =
        line_after([&](hid_t file) { replace(file, "/layers/fc8/bias", {7}, values); });
    expect_line(line, "fc8/bias");
    expect_line(line, "element 4");
  }
}

TEST(ModelFileRefusals, RefusesEveryTruncation) {
  const std::string path = write_tiny();
  const Bytes good = read_bytes(path);
  const auto read = [&](const Bytes& bytes) {
    write_bytes(path, bytes);
    read_model(path);
  };
  expect_beginnings_refused(good, read, good.size() / 50);
}

}  // namespace
}  // namespace hdecomp
