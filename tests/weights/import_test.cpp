/// PyTorch's weights to a model: architecture and widths recognised, batch norm folded, misfits
/// named.
#include "tests/weights/import_testing.h"
#include "weights/import/foreign_names.h"

namespace hdecomp {
namespace {

using namespace import_testing;
using testing_models::layer_of;

struct TorchNames {
  std::string conv, norm;
};

/// Convolution then batch norm by hand, against the folded layer, for every channel.
void expect_folded(const ModelData& model, const std::string& layer, NamedTensors source,
                   const TorchNames& names, double epsilon = 1e-5) {
  const LayerWeights& folded = layer_of(model, layer);
  const std::vector<float>& weight = named(source, names.conv + ".weight").values;
  const auto channels = static_cast<size_t>(folded.bias.elements());
  const size_t fan_in = weight.size() / channels;
  ASSERT_EQ(static_cast<size_t>(folded.weight.elements()), weight.size());
  for (size_t c = 0; c < channels; ++c) {
    const auto of_norm = [&](const char* role) {
      return static_cast<double>(named(source, names.norm + role).values[c]);
    };
    const bool has_bias = layer.starts_with("conv") && model.params.arch.starts_with("vgg");
    const double bias = has_bias ? named(source, names.conv + ".bias").values[c] : 0;
    const double conv = answer(&weight[c * fan_in], fan_in, bias);
    const double wanted = (conv - of_norm(".running_mean")) /
                              std::sqrt(of_norm(".running_var") + epsilon) * of_norm(".weight") +
                          of_norm(".bias");
    const double got = answer(folded.weight.data() + c * fan_in, fan_in, folded.bias.data()[c]);
    EXPECT_NEAR(got, wanted, 1e-5 * std::max(1.0, std::abs(wanted))) << layer << " " << c;
  }
}

TEST(ImportTorch, Vgg11WithBatchNorm) {
  const NamedTensors source = torch_vgg11_bn();
  const ModelData model = import_torch(source);
  EXPECT_EQ(model.params.arch, "vgg11_bn");
  EXPECT_EQ(model.params.widths, (std::vector<int64_t>{3, 4, 5, 6, 7, 8, 9, 10}));
  EXPECT_EQ(model.params.hidden_units, (std::vector<int64_t>{12, 11}));
  EXPECT_EQ(model.params.pool_size, 2);
  EXPECT_EQ(model.params.classes, 7);
  EXPECT_EQ(model.params.input_size, 224);
  EXPECT_FALSE(model.params.stride_in_1x1);
  EXPECT_EQ(model.preprocess.size, 256);
  EXPECT_EQ(model.preprocess.crop, 224);
  EXPECT_EQ(model.preprocess.resize, Resize::cover);
  expect_folded(model, "conv1_1", source, {"features.0", "features.1"});
  expect_folded(model, "conv3_2", source, {"features.11", "features.12"});
  expect_folded(model, "conv5_2", source, {"features.25", "features.26"});
  NamedTensors names = source;
  EXPECT_EQ(values_of(layer_of(model, "fc6").weight), named(names, "classifier.0.weight").values);
  EXPECT_EQ(values_of(layer_of(model, "fc8").bias), named(names, "classifier.6.bias").values);
}

TEST(ImportTorch, Resnet18) {
  const NamedTensors source = torch_resnet18();
  const ModelData model = import_torch(source);
  EXPECT_EQ(model.params.arch, "resnet18");
  EXPECT_EQ(model.params.widths, (std::vector<int64_t>{4, 4, 5, 6, 7}));
  EXPECT_EQ(model.params.classes, 7);
  expect_folded(model, "conv1", source, {"conv1", "bn1"});
  expect_folded(model, "layer1.1.conv2", source, {"layer1.1.conv2", "layer1.1.bn2"});
  expect_folded(model, "layer3.0.downsample", source,
                {"layer3.0.downsample.0", "layer3.0.downsample.1"});
}

TEST(ImportTorch, Alexnet) {
  NamedTensors source = torch_alexnet();
  const ModelData model = import_torch(source);
  EXPECT_EQ(model.params.arch, "alexnet");
  EXPECT_EQ(model.params.widths, (std::vector<int64_t>{4, 5, 6, 7, 8}));
  EXPECT_EQ(model.params.pool_size, 3);
  EXPECT_EQ(values_of(layer_of(model, "conv2").weight), named(source, "features.3.weight").values);
  EXPECT_EQ(values_of(layer_of(model, "conv2").bias), named(source, "features.3.bias").values);
  EXPECT_EQ(values_of(layer_of(model, "fc7").weight), named(source, "classifier.4.weight").values);
}

TEST(ImportTorch, Squeezenet) {
  NamedTensors source = torch_squeezenet1_1();
  const ModelData model = import_torch(source);
  EXPECT_EQ(model.params.arch, "squeezenet1_1");
  ASSERT_EQ(model.params.widths.size(), 25u);
  EXPECT_EQ(model.params.widths.front(), 4);
  EXPECT_EQ(model.params.widths.back(), 11);
  EXPECT_EQ(model.params.classes, 7);
  EXPECT_EQ(model.graph.shapes.back(), (FeatureShape{7, 1, 1}));
  EXPECT_EQ(values_of(layer_of(model, "conv1").weight), named(source, "features.0.weight").values);
  EXPECT_EQ(values_of(layer_of(model, "fire5.expand3x3").weight),
            named(source, "features.7.expand3x3.weight").values);
  EXPECT_EQ(values_of(layer_of(model, "fire9.squeeze").bias),
            named(source, "features.12.squeeze.bias").values);
  EXPECT_EQ(values_of(layer_of(model, "conv10").weight),
            named(source, "classifier.1.weight").values);
}

/// A state dict of a graph, as torchvision names it.
NamedTensors torch_tensors(const Graph& graph) {
  TensorMaker make;
  for (int i = 0; i <= graph.scores(); ++i) {
    const Node& node = graph.nodes[i];
    if (!has_weights(node)) continue;
    const ForeignNames names = foreign_names(node, Dialect::torchvision);
    const bool biased =
        !names.batch_norm &&
        (node.op == Op::linear || node.name.ends_with(".fc1") || node.name.ends_with(".fc2"));
    if (node.op != Op::affine) {
      make.torch_layer(owner_of(names.weight), weight_dims(graph, i), biased);
    }
    if (names.batch_norm) make.torch_norm(node.torchvision_bn, weight_dims(graph, i)[0]);
  }
  return make.tensors;
}

TEST(ImportTorch, FamiliesOfManyConvolutions) {
  for (const char* arch :
       {"mobilenet_v2", "mobilenet_v3_small", "mobilenet_v3_large", "densenet121",
        "efficientnet_b0", "efficientnet_b4", "shufflenet_v2_x1_0", "mnasnet1_0", "googlenet",
        "inception_v3", "regnet_y_400mf", "regnet_x_8gf"}) {
    SCOPED_TRACE(arch);
    NetParams params = default_params(arch);
    const int64_t share = std::string(arch).find("densenet") == std::string::npos ? 1 : 4;
    for (int64_t& width : params.widths) width = std::max<int64_t>(width / share, 4);
    params.classes = 7;
    NamedTensors source = torch_tensors(build_graph(params));
    const ModelData model = import_torch(source);
    EXPECT_EQ(model.params.arch, arch);
    EXPECT_EQ(model.params.widths, params.widths);
    EXPECT_EQ(model.params.hidden_units, params.hidden_units);
    EXPECT_EQ(model.params.classes, 7);
  }
}

/// Whose published weights want other pixels than ImageNet's mean and deviation: told of unless
/// both are stated.
TEST(ImportTorch, AScaledInputIsToldOfUnlessBothNumbersAreStated) {
  NetParams params = default_params("googlenet");
  for (int64_t& width : params.widths) width = std::max<int64_t>(width / 16, 4);
  const NamedTensors source = torch_tensors(build_graph(params));
  const std::vector<float> none, one{0.25f};
  for (const auto& [mean, deviation] :
       {std::pair(none, none), {one, none}, {none, one}, {one, one}}) {
    ConvertOptions options;
    options.input.mean = mean;
    options.input.std = deviation;
    const ModelData model = import_torch(source, options);
    const bool told = std::ranges::any_of(model.conversion.assumed, [](const std::string& line) {
      return line.starts_with("trained on pixels from -1 to 1");
    });
    EXPECT_EQ(told, mean.empty() || deviation.empty());
    EXPECT_EQ(model.preprocess.mean[1], mean.empty() ? 0.5f : 0.25f);
    EXPECT_EQ(model.preprocess.std[1], deviation.empty() ? 0.5f : 0.25f);
  }
}

TEST(ImportTorch, ABatchNormThatStandsAloneIsAScale) {
  NetParams params = default_params("densenet121");
  for (int64_t& width : params.widths) width = 4;
  NamedTensors source = torch_tensors(build_graph(params));
  const ModelData model = import_torch(source);
  const LayerWeights& layer = layer_of(model, "denseblock1.denselayer2.norm1");
  const auto of = [&](const char* role) {
    return named(source, joined("features.denseblock1.denselayer2.norm1.", role)).values;
  };
  ASSERT_EQ(layer.weight.shape(), (Shape{8}));
  for (int c = 0; c < 8; ++c) {
    const double scale = of("weight")[c] / std::sqrt(double{of("running_var")[c]} + 1e-5);
    EXPECT_FLOAT_EQ(layer.weight.data()[c], static_cast<float>(scale));
    EXPECT_FLOAT_EQ(layer.bias.data()[c],
                    static_cast<float>(of("bias")[c] - scale * of("running_mean")[c]));
  }
}

TEST(ImportTorch, SafetensorsAndPrefixedNamesGiveTheSame) {
  NamedTensors source = torch_resnet18();
  const ModelData model = import_torch(source);
  const std::string path = temporary_path(".safetensors");
  for (const bool prefixed : {false, true}) {
    if (prefixed) {
      for (NamedTensor& tensor : source) tensor.name = "module." + tensor.name;
    }
    write_safetensors(path, source);
    const ModelData other = import_model(path, {});
    EXPECT_EQ(other.params.arch, "resnet18");
    for (size_t i = 0; i < model.layers.size(); ++i) {
      EXPECT_EQ(values_of(model.layers[i].weight), values_of(other.layers[i].weight)) << i;
      EXPECT_EQ(values_of(model.layers[i].bias), values_of(other.layers[i].bias)) << i;
    }
  }
}

TEST(ImportTorch, TakesOptionsAndSaysTheSource) {
  ConvertOptions options;
  options.input = {Resize::stretch, 96, 64, {0}, {1}, {}, {}};
  options.classes_file = temporary_path(".txt");
  write_bytes(options.classes_file,
              {'a', '\n', 'b', '\n', 'c', '\n', 'd', '\n', 'e', '\n', 'f', '\n', 'g'});
  const ModelData model = import_torch(torch_alexnet(), options);
  EXPECT_EQ(model.preprocess.size, 96);
  EXPECT_EQ(model.params.input_size, 64);
  EXPECT_EQ(model.graph.shapes[0], (FeatureShape{3, 64, 64}));
  EXPECT_EQ(model.classes, (std::vector<std::string>{"a", "b", "c", "d", "e", "f", "g"}));
  const size_t mark = model.source.find(".pth sha256:");
  ASSERT_NE(mark, std::string::npos) << model.source;
  EXPECT_EQ(model.source.size(), mark + 12 + 64);
  write_bytes(options.classes_file, {'a', '\n', 'b'});
  const std::string line = error_line([&] { import_torch(torch_alexnet(), options); });
  expect_line(line, options.classes_file);
  expect_line(line, "2 class names for 7 classes");
  const std::string commands = R"(["a", "b", "c", "d", "e", "f", "g\n"])";
  write_bytes(options.classes_file, {commands.begin(), commands.end()});
  expect_line(error_line([&] { import_torch(torch_alexnet(), options); }),
              options.classes_file + ": class name 'g\\x0a' has control characters");
}

TEST(ImportTorch, NamesMisfits) {
  NamedTensors missing = torch_vgg11_bn();
  drop(missing, "features.12.running_var");
  expect_line(torch_refusal(missing), "features.12.running_var is missing; expected shape (6)");
  NamedTensors first = torch_vgg11_bn();
  drop(first, "classifier.6.weight");
  expect_line(torch_refusal(first), "classifier.6.weight is missing");
  NamedTensors extra = torch_vgg11_bn();
  extra.push_back({"features.29.weight", {2, 1}, {0, 0}});
  expect_line(torch_refusal(extra), "'features.29.weight' of shape (2, 1) is extra");
  NamedTensors inner = torch_vgg11_bn();
  reshape(inner, "features.4.weight", {4, 5, 3, 3});
  expect_line(torch_refusal(inner),
              "features.4.weight has shape (4, 5, 3, 3), expected (4, 3, 3, 3)");
  NamedTensors columns = torch_vgg11_bn();
  reshape(columns, "classifier.0.weight", {12, 41});
  expect_line(torch_refusal(columns), "classifier.0.weight has shape (12, 41), expected (12, 40)");
  NamedTensors hostile = torch_vgg11_bn();
  hostile.push_back({"a\nb\x1b[2J", {1}, {0}});
  expect_line(torch_refusal(hostile), "'a\\x0ab\\x1b[2J'");
}

TEST(ImportTorch, RefusesShapesThatMakeNoNetwork) {
  for (const std::vector<int64_t>& dims :
       {std::vector<int64_t>{0, 9, 3, 3}, {10, 9, 3}, {10}, {}, {10, 0, 3, 3}}) {
    NamedTensors tensors = torch_vgg11_bn();
    reshape(tensors, "features.25.weight", dims);
    expect_line(torch_refusal(tensors), "features.25.weight has shape " + to_string(Shape(dims)));
  }
  NamedTensors rows = torch_vgg11_bn();
  reshape(rows, "classifier.0.weight", {12, 0});
  expect_line(torch_refusal(rows), "classifier.0.weight has shape (12, 0)");
}

TEST(ImportTorch, RefusesValuesThatAreNotFinite) {
  NamedTensors nan = torch_alexnet();
  named(nan, "features.6.weight").values[5] = NAN;
  expect_line(torch_refusal(nan), "tensor features.6.weight holds nan at element 5");
  NamedTensors variance = torch_resnet18();
  named(variance, "layer2.0.bn1.running_var").values[1] = -1;
  expect_line(torch_refusal(variance),
              "tensor layer2.0.bn1.running_var holds -1 at element 1; a variance is at least 0");
}

TEST(ImportTorch, NamesTheArchitectures) {
  expect_line(torch_refusal(torch_vgg11_bn(), {"vgg11_nb", {}, {}, {}, {}}),
              "did you mean 'vgg11_bn'?");
  expect_line(torch_refusal(torch_vgg11_bn(), {"vgg11", {}, {}, {}, {}}),
              "tensor features.3.weight is missing");
  expect_line(torch_refusal(torch_resnet18(), {"resnet34", {}, {}, {}, {}}),
              "tensor layer1.2.conv1.weight is missing");
  expect_line(torch_refusal(torch_resnet18(), {"resnet50", {}, {}, {}, {}}),
              "tensor layer1.0.conv1.weight");
  const std::string unknown = torch_refusal({{"encoder.weight", {2}, {0, 0}}});
  expect_line(unknown, "alexnet");
  expect_line(unknown, "resnet152");
}

}  // namespace
}  // namespace hdecomp
