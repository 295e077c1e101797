/// The reader of Keras's weights: names and layouts it must know, and files it must refuse.
#include <gtest/gtest.h>
#include <hdf5.h>

#include <cstring>

#include "tests/support/hostile_files.h"
#include "weights/file/tensor_file.h"
#include "weights/hdf5/hdf5_handles.h"
#include "weights/import/tensor_formats.h"
#include "weights/keras/keras_roles.h"

namespace hdecomp {
namespace {

using namespace file_testing;

using Extent = std::vector<hsize_t>;

struct KerasTensor {
  std::string name;
  Extent extent;
  std::vector<float> values;
};

struct KerasLayer {
  std::string name;
  std::vector<KerasTensor> tensors;
};

enum class Strings { fixed, variable };

H5Handle open_space(const Extent& extent) {
  return {H5Screate_simple(static_cast<int>(extent.size()), extent.data(), nullptr), H5Sclose};
}

void write_names(hid_t object, const std::string& name, const std::vector<std::string>& strings,
                 Strings kind = Strings::fixed) {
  const H5Handle space = open_space({strings.size()});
  if (strings.empty()) {  // as numpy makes an empty list: no floats
    const H5Handle none(
        H5Acreate2(object, name.c_str(), H5T_IEEE_F64LE, space, H5P_DEFAULT, H5P_DEFAULT),
        H5Aclose);
    ASSERT_TRUE(none.valid());
    return;
  }
  constexpr size_t width = 40;
  const H5Handle type(H5Tcopy(H5T_C_S1), H5Tclose);
  H5Tset_size(type, kind == Strings::fixed ? width : H5T_VARIABLE);
  if (kind == Strings::fixed) H5Tset_strpad(type, H5T_STR_NULLPAD);
  const H5Handle attribute(H5Acreate2(object, name.c_str(), type, space, H5P_DEFAULT, H5P_DEFAULT),
                           H5Aclose);
  std::vector<char> fixed(width * strings.size());
  std::vector<const char*> variable;
  for (size_t i = 0; i < strings.size(); ++i) {
    std::memcpy(&fixed[i * width], strings[i].data(), std::min(width, strings[i].size()));
    variable.push_back(strings[i].c_str());
  }
  const void* data = kind == Strings::fixed ? static_cast<const void*>(fixed.data())
                                            : static_cast<const void*>(variable.data());
  ASSERT_GE(H5Awrite(attribute, type, data), 0);
}

H5Handle create_file(const std::string& path) {
  return {H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT), H5Fclose};
}

H5Handle create_group(hid_t parent, const std::string& name) {
  return {H5Gcreate2(parent, name.c_str(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT), H5Gclose};
}

void write_dataset(hid_t group, const KerasTensor& tensor, hid_t file_type = H5T_IEEE_F32LE,
                   hid_t creation = H5P_DEFAULT) {
  const H5Handle links(H5Pcreate(H5P_LINK_CREATE), H5Pclose);
  H5Pset_create_intermediate_group(links, 1);
  const H5Handle space = open_space(tensor.extent);
  const H5Handle dataset(
      H5Dcreate2(group, tensor.name.c_str(), file_type, space, links, creation, H5P_DEFAULT),
      H5Dclose);
  ASSERT_TRUE(dataset.valid());
  if (tensor.values.empty()) return;
  ASSERT_GE(
      H5Dwrite(dataset, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, tensor.values.data()), 0);
}

void write_layers(hid_t root, const std::vector<KerasLayer>& layers, Strings kind = Strings::fixed,
                  hid_t file_type = H5T_IEEE_F32LE) {
  std::vector<std::string> layer_names;
  for (const KerasLayer& layer : layers) {
    layer_names.push_back(layer.name);
    const H5Handle group = create_group(root, layer.name);
    std::vector<std::string> names;
    for (const KerasTensor& tensor : layer.tensors) {
      names.push_back(tensor.name);
      write_dataset(group, tensor, file_type);
    }
    write_names(group, "weight_names", names, kind);
  }
  write_names(root, "layer_names", layer_names, kind);
}

// An input layer without weights, a convolution 1 x 1 of 2 -> 1 channels, and its batch norm.
std::vector<KerasLayer> layers_named(const std::vector<std::string>& names) {
  return {
      {"input_1", {}},
      {"conv", {{names[0], {1, 1, 2, 1}, {1, 2}}, {names[1], {1}, {3}}}},
      {"bn",
       {{names[2], {1}, {4}}, {names[3], {1}, {5}}, {names[4], {1}, {6}}, {names[5], {1}, {7}}}}};
}

std::vector<KerasLayer> usual_layers() {
  return layers_named({"conv/kernel:0", "conv/bias:0", "bn/gamma:0", "bn/beta:0",
                       "bn/moving_mean:0", "bn/moving_variance:0"});
}

void expect_all_there(const TensorFile& file) {
  EXPECT_EQ(file.dialect, Dialect::keras);
  ASSERT_EQ(file.tensors.size(), 6u);
  EXPECT_EQ(file.tensors.at("conv/kernel").shape(), Shape({1, 1, 2, 1}));
  EXPECT_EQ(file.tensors.at("conv/kernel").span()[1], 2);
  EXPECT_EQ(file.tensors.at("conv/bias").span()[0], 3);
  EXPECT_EQ(file.tensors.at("bn/gamma").span()[0], 4);
  EXPECT_EQ(file.tensors.at("bn/beta").span()[0], 5);
  EXPECT_EQ(file.tensors.at("bn/moving_mean").span()[0], 6);
  EXPECT_EQ(file.tensors.at("bn/moving_variance").span()[0], 7);
}

// Reads what `fill` puts into a fresh file.
TensorFile read(const std::function<void(hid_t)>& fill) {
  const std::string path = temporary_path(".h5");
  fill(create_file(path));
  return read_tensor_file(path);
}

std::string refusal(const std::function<void(hid_t)>& fill) {
  return error_line([&] { read(fill); });
}

TEST(KerasFile, ReadsNamesOldAndNew) {
  expect_all_there(read([](hid_t file) { write_layers(file, usual_layers()); }));
  expect_all_there(read([](hid_t file) {
    write_layers(file, layers_named({"conv_W_1:0", "conv_b_1:0", "bn_gamma_1:0", "bn_beta_1:0",
                                     "bn_running_mean_1:0", "bn_running_std_1:0"}));
  }));
  expect_all_there(read([](hid_t file) {
    write_layers(file, layers_named({"param_0", "param_1", "p_0", "p_1", "p_2", "p_3"}));
  }));
}

TEST(KerasFile, ReadsStringsOfVariableLength) {
  expect_all_there(read([](hid_t file) { write_layers(file, usual_layers(), Strings::variable); }));
}

TEST(KerasFile, ReadsAWholeSavedModel) {
  expect_all_there(read([](hid_t file) {
    const H5Handle group = create_group(file, "model_weights");
    write_layers(group, usual_layers());
  }));
}

TEST(KerasFile, ReadsAListInParts) {
  expect_all_there(read([](hid_t file) {
    write_layers(file, usual_layers());
    H5Adelete(file, "layer_names");
    write_names(file, "layer_names0", {"input_1", "conv"});
    write_names(file, "layer_names1", {"bn"});
  }));
}

TEST(KerasFile, ConvertsDoublesAndOtherByteOrders) {
  expect_all_there(
      read([](hid_t file) { write_layers(file, usual_layers(), Strings::fixed, H5T_IEEE_F64LE); }));
  expect_all_there(
      read([](hid_t file) { write_layers(file, usual_layers(), Strings::fixed, H5T_IEEE_F32BE); }));
}

TEST(KerasFile, LeavesIntegersOut) {
  const TensorFile file = read([](hid_t root) {
    write_layers(root, usual_layers());
    const H5Handle group(H5Gopen2(root, "input_1", H5P_DEFAULT), H5Gclose);
    write_dataset(group, {"count", {1}, {1}}, H5T_STD_I64LE);
    H5Adelete(group, "weight_names");
    write_names(group, "weight_names", {"count"});
  });
  expect_all_there(file);
}

TEST(KerasFile, TellsRolesByName) {
  EXPECT_EQ(keras_role("block1_conv1/block1_conv1/kernel:0"), "kernel");
  EXPECT_EQ(keras_role("block1_conv1_W_1:0"), "kernel");
  EXPECT_EQ(keras_role("fc1000_b_1:0"), "bias");
  EXPECT_EQ(keras_role("bn_conv1_running_std_1:0"), "moving_variance");
  EXPECT_EQ(keras_role("bn_conv1_running_mean_1:0"), "moving_mean");
  EXPECT_EQ(keras_role("beta"), "beta");
  EXPECT_EQ(keras_role("blob"), "");
  EXPECT_EQ(keras_role(""), "");
  EXPECT_EQ(keras_role("3:0"), "");
}

TEST(KerasFile, TellsRolesByOrderOnlyWhereRanksFit) {
  using Roles = std::vector<std::string_view>;
  EXPECT_EQ(keras_roles({{"x", 4}}), Roles({"kernel"}));
  EXPECT_EQ(keras_roles({{"x", 1}, {"y", 4}}), Roles());
  EXPECT_EQ(keras_roles({{"a/kernel:0", 4}, {"b/kernel:0", 4}}), Roles());
  EXPECT_EQ(keras_roles({{"x", 1}, {"x", 1}, {"x", 1}}), Roles());
}

TEST(KerasFile, RefusesLayersItCannotTell) {
  expect_line(refusal([](hid_t file) {
                write_layers(file, {{"odd", {{"u", {1}, {1}}, {"v", {1}, {1}}, {"w", {1}, {1}}}}});
              }),
              "layer 'odd' has 3 tensors, the first 'u'");
  expect_line(refusal([](hid_t file) {
                write_layers(file, {{"input_1", {}}});
              }),
              "no float tensors");
}

TEST(KerasFile, RefusesWhatIsListedButNotThere) {
  expect_line(refusal([](hid_t file) {
                write_layers(file, usual_layers());
                H5Ldelete(file, "conv/conv/bias:0", H5P_DEFAULT);
              }),
              "tensor 'conv/bias:0' of layer 'conv' is listed but not there");
  expect_line(refusal([](hid_t file) {
                write_layers(file, usual_layers());
                H5Ldelete(file, "bn", H5P_DEFAULT);
              }),
              "layer 'bn' is listed but not there");
  expect_line(refusal([](hid_t file) { create_group(file, "conv"); }),
              "without Keras's 'layer_names'");
  expect_line(refusal([](hid_t file) {
                write_names(file, "layer_names", {"conv"});
                create_group(file, "conv");
              }),
              "layer 'conv''s attribute weight_names is missing");
}

// `creation` and `extent` for the kernel of a layer without values.
std::string refused_kernel(const Extent& extent, hid_t creation) {
  return refusal([&](hid_t file) {
    write_names(file, "layer_names", {"conv"});
    const H5Handle group = create_group(file, "conv");
    write_names(group, "weight_names", {"kernel:0"});
    write_dataset(group, {"kernel:0", extent, {}}, H5T_IEEE_F32LE, creation);
  });
}

TEST(KerasFile, RefusesExtentsThatTheFileCannotHold) {
  expect_line(refused_kernel({1, 1, 1, 1, 1}, H5P_DEFAULT), "has 5 dimensions");
  expect_line(refused_kernel({1 << 16, 1 << 16}, H5P_DEFAULT), "more than 2147483648 elements");
  expect_line(refused_kernel({1 << 10, 1 << 10}, H5P_DEFAULT), "is not all there");
  const H5Handle chunked(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
  const hsize_t chunk[] = {1024, 1024};
  H5Pset_chunk(chunked, 2, chunk);
  expect_line(refused_kernel({1 << 15, 1 << 15}, chunked),
              "far more than a file of this size holds");
}

TEST(KerasFile, RefusesChunksOfWhichHdf5WouldMakeMore) {
  // A growing dataset may have chunks larger than itself: HDF5 would make 2 GiB to read six floats.
  const H5Handle large(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
  const hsize_t chunk[] = {1 << 15, 1 << 14};
  H5Pset_chunk(large, 2, chunk);
  expect_line(refusal([&](hid_t file) {
                write_names(file, "layer_names", {"conv"});
                const H5Handle group = create_group(file, "conv");
                write_names(group, "weight_names", {"kernel:0"});
                const hsize_t extent[] = {2, 3}, most[] = {H5S_UNLIMITED, H5S_UNLIMITED};
                const H5Handle space(H5Screate_simple(2, extent, most), H5Sclose);
                const H5Handle data(H5Dcreate2(group, "kernel:0", H5T_IEEE_F32LE, space,
                                               H5P_DEFAULT, large, H5P_DEFAULT),
                                    H5Dclose);
                ASSERT_TRUE(data.valid());
              }),
              "has chunks larger than itself");
  const H5Handle packed(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
  const hsize_t small[] = {2, 2};
  H5Pset_chunk(packed, 2, small);
  H5Pset_deflate(packed, 9);
  expect_line(refused_kernel({2, 2}, packed), "is compressed; write the file without");
}

TEST(KerasFile, ReadsNoOtherFile) {
  const std::string other = temporary_path("_other.h5");
  write_layers(create_file(other), usual_layers());
  const H5Handle external(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
  H5Pset_external(external, other.c_str(), 0, 8);
  expect_line(refused_kernel({2, 1}, external), "has its values in another file");
  expect_line(refusal([&](hid_t file) {
                write_names(file, "layer_names", {"conv"});
                H5Lcreate_external(other.c_str(), "/conv", file, "conv", H5P_DEFAULT, H5P_DEFAULT);
              }),
              "layer 'conv' is listed but not there");
}

TEST(KerasFile, BearsCuts) {
  const std::string path = temporary_path(".h5");
  write_layers(create_file(path), usual_layers(), Strings::variable);
  const Bytes good = read_bytes(path);
  const auto read_again = [&](const Bytes& bytes) {
    write_bytes(path, bytes);
    read_tensor_file(path);
  };
  expect_beginnings_refused(good, read_again, 61);
}

}  // namespace
}  // namespace hdecomp
