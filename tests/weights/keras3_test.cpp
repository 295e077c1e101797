/// Keras 3's files give the models that Keras 2's give, named or not, nested or not; and what is
/// refused.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/weights/import_testing.h"
#include "tests/weights/keras3_files.h"
#include "weights/keras/keras_config.h"

namespace hdecomp {
namespace {

using namespace import_testing;
using testing_models::layer_of;

ModelData from_weights(const NamedTensors& tensors, const Keras3Form& form) {
  const std::string path = temporary_path(".weights.h5");
  write_bytes(path, keras3_weights(tensors, form));
  return import_model(path, {});
}

ModelData from_archive(const std::string& config, const Bytes& weights) {
  const std::string path = temporary_path(".keras");
  write_keras_archive(path, config, weights);
  return import_model(path, {});
}

std::string archive_refusal(const std::string& config, const Bytes& weights) {
  const std::string line = error_line([&] { from_archive(config, weights); });
  expect_line(line, temporary_path(".keras") + ": ");
  return line;
}

TEST(Keras3, EveryFormGivesTheSameModel) {
  for (const NamedTensors& tensors : {keras_vgg16(), keras_resnet50(false)}) {
    const ModelData wanted = import_keras(tensors);
    SCOPED_TRACE(wanted.params.arch);
    for (const bool nested : {false, true}) {
      for (const bool names : {false, true}) {
        SCOPED_TRACE(joined("nested ", nested, ", names ", names));
        expect_same(from_weights(tensors, {names, nested}), wanted);
        expect_same(
            from_archive(keras3_config(tensors, nested), keras3_weights(tensors, {names, nested})),
            wanted);
      }
    }
    expect_same(from_weights(tensors, {false, false, "_layer_checkpoint_dependencies"}), wanted);
  }
}

TEST(Keras3, LayersWithoutNamesAreSaidToBeInOrder) {
  EXPECT_THAT(from_weights(keras_resnet50(false), {}).conversion.assumed,
              ::testing::Contains("the file names no layers; they are in the order of resnet50"));
  EXPECT_THAT(from_weights(keras_resnet50(false), {.names = true}).conversion.assumed,
              ::testing::Not(::testing::Contains(::testing::HasSubstr("names no layers"))));
}

TEST(Keras3, TheConfigSaysTheEpsilon) {
  const NamedTensors tensors = keras_resnet50(false);
  std::string config = keras3_config(tensors, false);
  for (size_t at = 0; (at = config.find("1.001e-05", at)) != std::string::npos;) {
    config.replace(at, 9, "0.25");
  }
  const ModelData model = from_archive(config, keras3_weights(tensors, {}));
  NamedTensors source = tensors;
  const auto first = [&](const char* role) {
    return static_cast<double>(named(source, joined("conv1_bn/", role)).values[0]);
  };
  const double bias = named(source, "conv1_conv/bias").values[0];
  EXPECT_NEAR(
      layer_of(model, "conv1").bias.data()[0],
      (bias - first("moving_mean")) / std::sqrt(first("moving_variance") + 0.25) * first("gamma") +
          first("beta"),
      1e-6);
}

TEST(Keras3, ModelsWithOwnHeads) {
  NamedTensors tensors = keras_resnet50(false);
  std::erase_if(tensors, [](const NamedTensor& t) { return t.name.starts_with("predictions/"); });
  TensorMaker make;
  make.keras_layer("dense", {20, 9});
  make.keras_layer("dense_1", {9, 2});
  tensors.insert(tensors.end(), make.tensors.begin(), make.tensors.end());
  const ModelData model =
      from_archive(keras3_config(tensors, true), keras3_weights(tensors, {false, true}));
  EXPECT_EQ(model.params.arch, "resnet50");
  EXPECT_EQ(model.params.hidden_units, (std::vector<int64_t>{9}));
  EXPECT_EQ(model.params.classes, 2);
}

/// With such a layer it is no VGG any more, and these configs do not say what reads what.
TEST(Keras3, OtherLayersNeedAConfigThatDescribesTheNetwork) {
  const NamedTensors tensors = keras_vgg16();
  const Bytes weights = keras3_weights(tensors, {});
  const auto refusal = [&](const std::string& entry) {
    return archive_refusal(keras3_config(tensors, false, entry), weights);
  };
  expect_line(refusal("{\"class_name\":\"Rescaling\",\"config\":{\"name\":\"to_one\"}}"),
              "names no output_layers");
  expect_line(
      refusal("{\"class_name\":\"Dense\",\"config\":{\"name\":\"last\",\"activation\":\"gelu\"}}"),
      "names no output_layers");
  expect_line(refusal("{\"config\":{}}"), "config.json holds a layer without class_name");
}

TEST(Keras3, HostileConfigsAreRefusedBeforeTheyAreKept) {
  const Bytes weights = keras3_weights(keras_vgg16(), {});
  expect_line(archive_refusal("{", weights), "config.json is no JSON");
  expect_line(archive_refusal(std::string(100000, '['), weights), "config.json is too large");
  std::string many = "{\"class_name\":\"Functional\",\"config\":{\"layers\":[0";
  for (int i = 0; i < 2100000; ++i) many += ",0";
  expect_line(archive_refusal(many + "]}}", weights), "config.json is too large");
  expect_line(archive_refusal("[]", weights), "config.json holds a layer without class_name");
  expect_line(archive_refusal("{\"class_name\":\"Model\",\"config\":{}}", weights),
              "config.json lists no layers");
  expect_line(archive_refusal(joined("{\"class_name\":\"", std::string(300, 'a'), "\"}"), weights),
              "config.json holds a class_name of 300 bytes");
  expect_line(archive_refusal(keras3_config(keras_vgg16(), false), {'n', 'o'}),
              "model.weights.h5: cannot be read as an HDF5 file");
  // 20 MiB of spaces, which a few kilobytes of the archive inflate to.
  expect_line(archive_refusal(std::string(20 << 20, ' '), weights),
              "the zip archive's entry 'config.json' claims 20971520 bytes");
}

TEST(Keras3, HostileWeightsAreRefused) {
  const std::string path = temporary_path(".weights.h5");
  const auto refusal = [&](auto&& change) {
    {
      const H5Handle file(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT),
                          H5Fclose);
      change(file.get());
    }
    const std::string line = error_line([&] { import_model(path, {}); });
    expect_line(line, path + ": ");
    return line;
  };
  expect_line(refusal([](hid_t file) {
                const H5Handle group(
                    H5Gcreate2(file, "layers", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT), H5Gclose);
                H5Lcreate_hard(file, "layers", group, "layers", H5P_DEFAULT, H5P_DEFAULT);
              }),
              "too many groups, or too deep");
  expect_line(refusal([](hid_t file) {
                const H5Handle group(
                    H5Gcreate2(file, "layers", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT), H5Gclose);
              }),
              "holds no float tensors");
  const NamedTensor odd{"odd", {2, 3, 4}, std::vector<float>(24)};
  expect_line(refusal([&](hid_t file) {
                put_keras3_layer(file, "/layers/lstm", {"lstm", "LSTM", {&odd, &odd, &odd}}, true);
              }),
              "layer 'lstm' has 3 tensors at 'layers/lstm/vars/0'");
}

TEST(Keras3, NamesOfClassesBecomeThoseOfObjects) {
  EXPECT_EQ(keras_snake_case("Conv2D"), "conv2d");
  EXPECT_EQ(keras_snake_case("BatchNormalization"), "batch_normalization");
  EXPECT_EQ(keras_snake_case("ReLU"), "re_lu");
  EXPECT_EQ(keras_snake_case("GlobalAveragePooling2D"), "global_average_pooling2d");
  EXPECT_EQ(keras_snake_case("Functional"), "functional");
  EXPECT_EQ(keras_snake_case("InputLayer"), "input_layer");
}

}  // namespace
}  // namespace hdecomp
