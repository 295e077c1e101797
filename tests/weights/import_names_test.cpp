/// Networks whose tensors are called other than torchvision calls them, and errors that use the
/// file's names.
#include <gtest/gtest.h>

#include <cmath>

#include "tests/weights/import_testing.h"

namespace hdecomp {
namespace {

using namespace import_testing;
using testing_models::layer_of;
using Rename = std::function<std::string(const std::string&)>;

NamedTensors renamed(NamedTensors tensors, const Rename& rename) {
  for (NamedTensor& tensor : tensors) tensor.name = rename(tensor.name);
  return tensors;
}

TEST(ImportNames, WrappersWhereverTheyStand) {
  const ModelData resnet = import_torch(torch_resnet18());
  for (const char* prefix : {"module.", "model.", "_orig_mod.", "module.module.", "backbone.",
                             "net.", "module._orig_mod.model.", "my_encoder.", "a.b."}) {
    SCOPED_TRACE(prefix);
    expect_same(import_torch(renamed(torch_resnet18(), [&](auto& name) { return prefix + name; })),
                resnet);
  }
  const ModelData vgg = import_torch(torch_vgg11_bn());
  expect_same(import_torch(renamed(torch_vgg11_bn(),
                                   [](const std::string& name) {
                                     return name.starts_with("features.")
                                                ? "features.module." + name.substr(9)
                                                : name;
                                   })),
              vgg);
  expect_same(import_torch(renamed(torch_resnet18(),
                                   [](const std::string& name) {
                                     return name.starts_with("fc.") ? name : "feature_net." + name;
                                   })),
              resnet);
}

TEST(ImportNames, TwoNetworksInOneDictAreRefused) {
  NamedTensors both = torch_resnet18();
  for (NamedTensor& tensor : torch_resnet18()) {
    both.push_back({"module." + tensor.name, tensor.dims, tensor.values});
  }
  expect_line(torch_refusal(both),
              "'bn1.bias' and 'module.bn1.bias' are both a network's 'bn1.bias'; --key takes one "
              "network: 'module'");
}

NamedTensors two_networks(const std::string& one, const std::string& other) {
  NamedTensors both =
      renamed(torch_resnet18(), [&](const std::string& name) { return one + "." + name; });
  for (NamedTensor& tensor : both) {
    for (float& value : tensor.values) value *= 2;
  }
  for (NamedTensor& tensor : torch_resnet18()) {
    both.push_back({other + "." + tensor.name, tensor.dims, tensor.values});
  }
  return both;
}

TEST(ImportNames, AKeyTakesOneOfSeveralNetworks) {
  const ModelData wanted = import_torch(torch_resnet18());
  for (const auto& [one, other] : {std::pair{"student", "teacher"}, {"model", "ema.module"}}) {
    const NamedTensors both = two_networks(one, other);
    const std::string word = std::string(other).substr(0, std::string(other).find('.'));
    ConvertOptions options;
    options.key = word;
    expect_same(import_torch(both, options), wanted);
    write_safetensors(temporary_path(".safetensors"), both);
    expect_same(import_model(temporary_path(".safetensors"), options), wanted);
    options.key = "pupil";
    expect_line(torch_refusal(both, options), "--key 'pupil' is no dict of tensors there, and no ");
    expect_line(error_line([&] { import_model(temporary_path(".safetensors"), options); }),
                "--key 'pupil': no tensor's name begins with it and a dot; the first is '");
  }
  expect_line(torch_refusal(two_networks("student", "teacher")),
              "are more than one network's; --key takes one: 'student' or 'teacher'");
  expect_line(torch_refusal(two_networks("model", "net")),
              "--key takes one network: 'model' or 'net'");
}

TEST(ImportNames, AKeyLeavesOutWhatIsNoNetworks) {
  NamedTensors tensors =
      renamed(torch_resnet18(), [](const std::string& name) { return "model." + name; });
  tensors.push_back({"criterion.weight", {3}, {1, 2, 3}});
  expect_line(torch_refusal(tensors),
              "'criterion.weight' of shape (3) is extra: resnet18 has no "
              "such tensor; --key 'model' takes the network alone");
  ConvertOptions options;
  options.key = "model";
  expect_same(import_torch(tensors, options), import_torch(torch_resnet18()));
}

TEST(ImportNames, CountersOfBatchesMayBeFloats) {
  NamedTensors tensors = torch_resnet18();
  const ModelData wanted = import_torch(tensors);
  tensors.push_back({"layer1.0.bn1.num_batches_tracked", {}, {5}});
  tensors.push_back({"layer1.0.bn2.num_batches_tracked", {1}, {5}});
  expect_same(import_torch(tensors), wanted);
  write_safetensors(temporary_path(".safetensors"), tensors);
  expect_same(import_model(temporary_path(".safetensors"), {}), wanted);
  expect_line(torch_refusal({{"a.num_batches_tracked", {}, {5}}}), "holds no float tensors");
  tensors.push_back({"layer1.1.bn2.num_batches_tracked", {2}, {5, 5}});
  expect_line(torch_refusal(tensors), "'layer1.1.bn2.num_batches_tracked' of shape (2) is extra");
}

/// torchvision's ResNet names to Hugging Face's.
std::string hugging_face(const std::string& name) {
  const std::string role = name.substr(name.rfind('.') + 1);
  if (name.starts_with("fc.")) return "classifier.1." + role;
  if (name.starts_with("conv1.")) return "resnet.embedder.embedder.convolution." + role;
  if (name.starts_with("bn1.")) return "resnet.embedder.embedder.normalization." + role;
  const std::string block =
      joined("resnet.encoder.stages.", name[5] - '1', ".layers.", name[7], ".");
  const bool norm = name.find("bn") != std::string::npos || name.find("downsample.1") != name.npos;
  const std::string kind = norm ? ".normalization." : ".convolution.";
  if (name.find("downsample") != std::string::npos) return block + "shortcut" + kind + role;
  const char number = name[name.rfind('.') - 1];
  return joined(block, "layer.", number - '1', kind, role);
}

TEST(ImportNames, HuggingFacesResnet) {
  const ModelData wanted = import_torch(torch_resnet18());
  const NamedTensors tensors = renamed(torch_resnet18(), hugging_face);
  expect_same(import_torch(tensors), wanted);
  NamedTensors nan = tensors;
  const std::string name = "resnet.encoder.stages.2.layers.0.shortcut.normalization.running_var";
  named(nan, name).values[0] = -1;
  expect_line(torch_refusal(nan), "tensor " + name + " holds -1 at element 0");
}

TEST(ImportNames, ErrorsUseTheFilesNames) {
  const auto prefixed = [](const std::string& name) { return "module." + name; };
  NamedTensors tensors = renamed(torch_resnet18(), prefixed);
  named(tensors, "module.layer2.0.conv1.weight").values[2] = NAN;
  expect_line(torch_refusal(tensors), "tensor module.layer2.0.conv1.weight holds nan at element 2");
  tensors = renamed(torch_resnet18(), prefixed);
  std::erase_if(tensors, [](auto& each) { return each.name == "module.layer4.1.bn2.weight"; });
  const std::string missing = torch_refusal(tensors);
  expect_line(missing, "tensor module.layer4.1.bn2.weight is missing; expected shape (7)");
  expect_line(missing, ": taken for resnet18 (99 of its 100 tensors before the classifier");
  tensors = renamed(torch_resnet18(), prefixed);
  tensors.push_back({"module.extra", {1}, {0}});
  expect_line(torch_refusal(tensors), "tensor 'module.extra' of shape (1) is extra: resnet18 has");
  tensors = torch_resnet18();
  named(tensors, "bn1.weight").values[0] = 3e38f;
  named(tensors, "bn1.running_var").values[0] = 0;
  expect_line(torch_refusal(tensors), "tensor conv1.weight times bn1.weight is beyond float32");
}

TEST(ImportNames, OldKerasErrorsUseTheFilesNames) {
  NamedTensors tensors = keras_resnet50(true);
  const std::string path = temporary_path(".h5");
  named(tensors, "bn4c_branch2a/moving_variance").values[1] = -2;
  write_keras(path, tensors);
  expect_line(error_line([&] { import_model(path, {}); }),
              "tensor bn4c_branch2a/moving_variance:0 holds -2 at element 1");
  std::erase_if(tensors, [](auto& each) { return each.name == "bn4c_branch2a/moving_variance"; });
  write_keras(path, tensors);
  expect_line(error_line([&] { import_model(path, {}); }),
              "tensor bn4c_branch2a/moving_variance is missing");
}

TEST(ImportNames, SaysWhatShapesCannotTell) {
  const auto said = [](const ModelData& model, const std::string& part) {
    return std::ranges::any_of(model.conversion.assumed, [&](const std::string& line) {
      return line.find(part) != std::string::npos;
    });
  };
  const std::string path = temporary_path(".h5");
  write_keras(path, keras_resnet50(false));
  EXPECT_TRUE(said(import_model(path, {}), "stride in their first 1x1 convolution"));
  ConvertOptions options;
  options.stride_in_1x1 = false;
  const ModelData other = import_model(path, options);
  EXPECT_TRUE(said(other, "stride in their 3x3 convolution"));
  EXPECT_FALSE(other.params.stride_in_1x1);
  EXPECT_TRUE(said(import_torch(torch_resnet18()), "epsilon of 1e-05"));
  EXPECT_FALSE(said(import_torch(torch_resnet18()), "stride"));
  EXPECT_TRUE(said(import_torch(torch_alexnet()), "torchvision's AlexNet"));
}

TEST(ImportNames, BearsHostileNames) {
  for (const char* name : {"", ".", "..", "a.", "a..b", "module.", "model", "resnet.",
                           "encoder.stages.9.layers..layer.x.convolution.weight", "weight_orig",
                           ".weight_v", "fc.", "fc..weight", "fc.weight.weight"}) {
    NamedTensors tensors = torch_resnet18();
    tensors.push_back({name, {1}, {0}});
    torch_refusal(tensors);
    torch_refusal({{name, {1}, {0}}});
  }
}

}  // namespace
}  // namespace hdecomp
