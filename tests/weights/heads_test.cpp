/// The linear layers at the end of a network, by other names and in other numbers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/weights/import_testing.h"

namespace hdecomp {
namespace {

using namespace import_testing;
using testing_models::layer_of;

std::string refusal(const NamedTensors& tensors) {
  const std::string line = torch_refusal(tensors);
  expect_line(line, temporary_path(".pth") + ": taken for ");
  return line;
}

void drop_all(NamedTensors& tensors, const std::string& beginning) {
  std::erase_if(tensors,
                [&](const NamedTensor& tensor) { return tensor.name.starts_with(beginning); });
}

/// Another head in the place of a network's own: layers (out, in) by name.
NamedTensors with_head(NamedTensors tensors, const std::string& own,
                       const std::vector<std::pair<std::string, std::vector<int64_t>>>& layers) {
  drop_all(tensors, own);
  TensorMaker make;
  for (const auto& [name, dims] : layers) make.torch_layer(name, dims);
  tensors.insert(tensors.end(), make.tensors.begin(), make.tensors.end());
  return tensors;
}

void expect_layer(const ModelData& model, const std::string& layer, NamedTensors& source,
                  const std::string& name) {
  EXPECT_TRUE(std::ranges::equal(layer_of(model, layer).weight.span(),
                                 named(source, name + ".weight").values));
  EXPECT_TRUE(
      std::ranges::equal(layer_of(model, layer).bias.span(), named(source, name + ".bias").values));
}

TEST(Heads, ResnetsOfOneLayerByOtherNames) {
  for (const char* name :
       {"fc.1", "classifier.1", "head.fc", "last_linear", "linear", "fc.net.0"}) {
    SCOPED_TRACE(name);
    NamedTensors source = with_head(torch_resnet18(), "fc.", {{name, {5, 7}}});
    const ModelData model = import_torch(source);
    EXPECT_EQ(model.params.arch, "resnet18");
    EXPECT_EQ(model.params.classes, 5);
    if (std::string(name) != "fc.net.0") expect_layer(model, "fc", source, name);
  }
}

TEST(Heads, ResnetsOfSeveralLayers) {
  NamedTensors source =
      with_head(torch_resnet18(), "fc.", {{"fc.0", {9, 7}}, {"fc.3", {8, 9}}, {"fc.10", {5, 8}}});
  const ModelData model = import_torch(source);
  EXPECT_EQ(model.params.hidden_units, (std::vector<int64_t>{9, 8}));
  EXPECT_EQ(model.params.classes, 5);
  expect_layer(model, "fc1", source, "fc.0");
  expect_layer(model, "fc2", source, "fc.3");
  expect_layer(model, "fc", source, "fc.10");
  const auto node = [&](const char* name) {
    return *std::ranges::find(model.graph.nodes, name, &Node::name);
  };
  EXPECT_EQ(node("fc1").activation, Activation::relu);
  EXPECT_EQ(node("fc").activation, Activation::none);
  EXPECT_NE(model.conversion.assumed.at(0).find("a ReLU after each of the first 2"),
            std::string::npos);
}

TEST(Heads, AreOrderedByWhatTheyReadWhereNamesMislead) {
  NamedTensors source =
      with_head(torch_vgg11_bn(), "classifier.", {{"fc.out", {7, 6}}, {"fc.start", {6, 40}}});
  const ModelData model = import_torch(source);
  expect_layer(model, "fc6", source, "fc.start");
  expect_layer(model, "fc7", source, "fc.out");
}

TEST(Heads, CifarsVggs) {
  NamedTensors one = with_head(torch_vgg11_bn(), "classifier.", {{"classifier", {4, 10}}});
  const ModelData linear = import_torch(one);
  EXPECT_EQ(linear.params.arch, "vgg11_bn");
  EXPECT_TRUE(linear.params.hidden_units.empty());
  EXPECT_EQ(linear.params.pool_size, 1);
  expect_layer(linear, "fc6", one, "classifier");
  NamedTensors three = with_head(
      torch_vgg11_bn(), "classifier.",
      {{"classifier.1", {12, 10}}, {"classifier.4", {11, 12}}, {"classifier.6", {4, 11}}});
  const ModelData model = import_torch(three);
  expect_layer(model, "fc6", three, "classifier.1");
  expect_layer(model, "fc7", three, "classifier.4");
  expect_layer(model, "fc8", three, "classifier.6");
}

TEST(Heads, TimmsVgg) {
  NamedTensors source = with_head(torch_vgg11_bn(), "classifier.",
                                  {{"pre_logits.fc1", {12, 10, 2, 2}},
                                   {"pre_logits.fc2", {11, 12, 1, 1}},
                                   {"head.fc", {7, 11}}});
  const ModelData model = import_torch(source);
  EXPECT_EQ(model.params.pool_size, 2);
  expect_layer(model, "fc6", source, "pre_logits.fc1");
  expect_layer(model, "fc7", source, "pre_logits.fc2");
  expect_layer(model, "fc8", source, "head.fc");
}

TEST(Heads, MayLackBiases) {
  NamedTensors source = torch_resnet18();
  drop_all(source, "fc.bias");
  const ModelData model = import_torch(source);
  for (const float value : layer_of(model, "fc").bias.span()) EXPECT_EQ(value, 0);
  EXPECT_EQ(model.conversion.assumed.at(0), "no bias in layer fc");
}

TEST(Heads, SayWhatIsMissing) {
  NamedTensors half = torch_vgg11_bn();
  drop_all(half, "classifier.3.weight");
  expect_line(refusal(half), "tensor classifier.3.weight is missing");
  const NamedTensors gap = with_head(torch_resnet18(), "fc.", {{"fc.0", {9, 7}}, {"fc.3", {5, 8}}});
  expect_line(refusal(gap), "tensor fc.3.weight has shape (5, 8), expected (5, 9)");
  std::vector<std::pair<std::string, std::vector<int64_t>>> many;
  for (int i = 0; i < 10; ++i) many.push_back({joined("fc.", i), {7, 7}});
  expect_line(refusal(with_head(torch_resnet18(), "fc.", many)), "10 linear layers; at most 9");
}

TEST(Heads, FilesWithoutOneHaveFeaturesButNoClasses) {
  for (NamedTensors source : {torch_vgg11_bn(), torch_resnet18(), torch_squeezenet1_1()}) {
    drop_all(source, "classifier.");
    drop_all(source, "fc.");
    const ModelData model = import_torch(source);
    SCOPED_TRACE(model.params.arch);
    EXPECT_EQ(model.params.classes, 0);
    EXPECT_FALSE(model.graph.has_scores);
    EXPECT_THAT(model.conversion.assumed, ::testing::Contains("no layer after its convolutions: "
                                                              "features, but no classes"));
    const std::string path = temporary_path(".h5");
    write_model(model, path);
    EXPECT_EQ(read_model(path).params.classes, 0);
  }
}

/// A head of linear layers (units, inputs) and batch norms (channels).
NamedTensors with_norms(const std::vector<std::pair<std::string, std::vector<int64_t>>>& layers) {
  NamedTensors tensors = torch_resnet18();
  drop_all(tensors, "fc.");
  TensorMaker make;
  for (const auto& [name, dims] : layers) {
    if (dims.size() == 1) make.torch_norm(name, dims[0]);
    if (dims.size() == 2) make.torch_layer(name, dims);
  }
  tensors.insert(tensors.end(), make.tensors.begin(), make.tensors.end());
  return tensors;
}

/// W x + b, or a batch norm of x, in double.
std::vector<double> layer_output(NamedTensors& source, const std::string& layer,
                                 const std::vector<double>& x) {
  const auto at = [&](const char* role, size_t i) {
    return static_cast<double>(named(source, layer + role).values.at(i));
  };
  std::vector<double> y;
  const size_t outputs = named(source, layer + ".bias").values.size();
  const bool norm = named(source, layer + ".weight").dims.size() == 1;
  for (size_t o = 0; o < outputs; ++o) {
    if (norm) {
      y.push_back((x[o] - at(".running_mean", o)) / std::sqrt(at(".running_var", o) + 1e-5) *
                      at(".weight", o) +
                  at(".bias", o));
      continue;
    }
    double sum = at(".bias", o);
    for (size_t i = 0; i < x.size(); ++i) sum += at(".weight", o * x.size() + i) * x[i];
    y.push_back(sum);
  }
  return y;
}

std::vector<double> layer_output(const LayerWeights& layer, const std::vector<double>& x) {
  std::vector<double> y;
  for (int64_t o = 0; o < layer.bias.elements(); ++o) {
    double sum = layer.bias.data()[o];
    for (size_t i = 0; i < x.size(); ++i) sum += layer.weight.data()[o * std::ssize(x) + i] * x[i];
    y.push_back(sum);
  }
  return y;
}

void expect_near(const std::vector<double>& got, const std::vector<double>& wanted) {
  ASSERT_EQ(got.size(), wanted.size());
  for (size_t i = 0; i < got.size(); ++i) {
    EXPECT_NEAR(got[i], wanted[i], 1e-4 * (1 + std::abs(wanted[i]))) << i;
  }
}

const std::vector<double> seven{0.5, -1, 2, 0.25, -0.5, 1, 3};
const std::vector<double> nine{0.5, 1, 2, 0.25, 0, 1, 3, 0, 0.75};

TEST(Heads, BatchNormsAreFoldedIntoTheLinearLayerBefore) {
  NamedTensors source = with_norms({{"fc.0", {9, 7}}, {"fc.1", {9}}, {"fc.4", {5, 9}}});
  const ModelData model = import_torch(source);
  EXPECT_EQ(model.params.hidden_units, (std::vector<int64_t>{9}));
  expect_near(layer_output(layer_of(model, "fc1"), seven),
              layer_output(source, "fc.1", layer_output(source, "fc.0", seven)));
  expect_layer(model, "fc", source, "fc.4");
  EXPECT_THAT(
      model.conversion.assumed,
      ::testing::Contains("batch norm 'fc.1' is folded into 'fc.0', which comes before it"));
}

TEST(Heads, BatchNormsBehindAnActivationAreFoldedIntoTheNextLinearLayer) {
  // fastai's: BatchNorm, Dropout, Linear, ReLU, BatchNorm, Dropout, Linear.
  NamedTensors source =
      with_norms({{"fc.0", {7}}, {"fc.2", {9, 7}}, {"fc.4", {9}}, {"fc.6", {5, 9}}});
  const ModelData model = import_torch(source);
  expect_near(layer_output(layer_of(model, "fc1"), seven),
              layer_output(source, "fc.2", layer_output(source, "fc.0", seven)));
  expect_near(layer_output(layer_of(model, "fc"), nine),
              layer_output(source, "fc.6", layer_output(source, "fc.4", nine)));
}

TEST(Heads, BatchNormsByOtherNamesFollowTheLayerOfTheirExtent) {
  NamedTensors source = with_norms({{"fc1", {9, 7}}, {"bn_fc1", {9}}, {"fc2", {5, 9}}});
  const ModelData model = import_torch(source);
  expect_near(layer_output(layer_of(model, "fc1"), seven),
              layer_output(source, "bn_fc1", layer_output(source, "fc1", seven)));
  expect_line(refusal(with_norms({{"fc1", {9, 7}}, {"bn_fc1", {8}}, {"fc2", {5, 9}}})),
              "batch norm 'bn_fc1' of 8 channels follows no linear layers");
  expect_line(refusal(with_norms({{"fc.0", {9, 7}}, {"fc.1", {8}}, {"fc.4", {5, 9}}})),
              "batch norm 'fc.1' has 8 channels, but layer 'fc.0' 9");
}

TEST(Heads, KerasDenseLayers) {
  NamedTensors source = keras_vgg16();
  for (NamedTensor& tensor : source) {
    for (const auto& [from, to] :
         {std::pair{"fc1/", "dense_9/"}, {"fc2/", "dense_10/"}, {"predictions/", "dense_11/"}}) {
      if (tensor.name.starts_with(from))
        tensor.name = to + tensor.name.substr(std::string(from).size());
    }
  }
  const ModelData model = import_keras(source);
  const ModelData wanted = import_keras(keras_vgg16());
  for (const char* layer : {"fc6", "fc7", "fc8"}) {
    EXPECT_TRUE(std::ranges::equal(layer_of(model, layer).weight.span(),
                                   layer_of(wanted, layer).weight.span()));
  }
}

}  // namespace
}  // namespace hdecomp
