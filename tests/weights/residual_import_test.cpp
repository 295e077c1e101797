/// Residual networks with the same layers' names told apart by their extents, and CIFAR's, with
/// shortcuts of both kinds.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nets/layer_names.h"
#include "tests/weights/import_testing.h"

namespace hdecomp {
namespace {

using namespace import_testing;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using testing_models::layer_of;

TEST(ImportResidual, BottlenecksAreToldApartByTheirExtents) {
  struct Case {
    const char* arch;
    int64_t inner, expansion, groups;
  };
  for (const auto& [arch, inner, expansion, groups] : std::initializer_list<Case>{
           {"resnet50", 3, 4, 1}, {"wide_resnet50_2", 3, 2, 1}, {"resnext50_32x4d", 32, 2, 32}}) {
    SCOPED_TRACE(arch);
    const ModelData model = import_torch(torch_bottlenecks(inner, expansion, groups));
    EXPECT_EQ(model.params.arch, arch);
    EXPECT_EQ(model.params.widths,
              (std::vector<int64_t>{4, inner, 2 * inner, 3 * inner, 4 * inner}));
    const int conv = find_layer(model.graph, "layer3.0.conv2");
    EXPECT_EQ(model.graph.nodes[conv].groups, groups);
    EXPECT_EQ(model.graph.nodes[conv].y.stride, 2);
  }
}

TEST(ImportResidual, CifarsShortcutsOfWeights) {
  for (const char* shortcut : {"shortcut", "downsample"}) {
    SCOPED_TRACE(shortcut);
    NamedTensors source = torch_cifar_resnet20(shortcut);
    const std::string conv = joined("layer2.0.", shortcut, ".0.weight");
    const std::string norm = joined("layer2.0.", shortcut, ".1.");
    std::ranges::fill(named(source, norm + "weight").values, 1.0f);
    std::ranges::fill(named(source, norm + "running_var").values, 1.0f - 1e-5f);
    const ModelData model = import_torch(source);
    EXPECT_EQ(model.params.arch, "cifar_resnet20");
    EXPECT_EQ(model.params.widths, (std::vector<int64_t>{4, 4, 7, 9}));
    EXPECT_EQ(model.params.classes, 7);
    EXPECT_TRUE(std::ranges::equal(layer_of(model, "layer2.0.downsample").weight.span(),
                                   named(source, conv).values));
    EXPECT_THAT(model.conversion.assumed, Not(Contains(HasSubstr("shortcuts without weights"))));
  }
}

TEST(ImportResidual, CifarsShortcutsWithoutWeightsSelect) {
  const ModelData model = import_torch(torch_cifar_resnet20(""));
  EXPECT_EQ(model.params.arch, "cifar_resnet20");
  const LayerWeights& layer = layer_of(model, "layer2.0.downsample");
  ASSERT_EQ(layer.weight.shape(), Shape({7, 4, 1, 1}));
  for (int64_t out = 0; out < 7; ++out) {  // one channel of zeros before, two after
    EXPECT_EQ(layer.bias.data()[out], 0);
    for (int64_t in = 0; in < 4; ++in) {
      EXPECT_EQ(layer.weight.data()[out * 4 + in], out == in + 1 ? 1 : 0) << out << " " << in;
    }
  }
  EXPECT_THAT(model.conversion.assumed, Contains(HasSubstr("shortcuts without weights")));
}

TEST(ImportResidual, CifarsPhotographsAreSeenWhole) {
  const ModelData model = import_torch(torch_cifar_resnet20(""));
  EXPECT_EQ(model.preprocess.resize, Resize::stretch);
  EXPECT_EQ(model.preprocess.size, 32);
  EXPECT_EQ(model.preprocess.crop, 32);
  EXPECT_EQ(model.params.input_size, 32);
  ConvertOptions larger;
  larger.input.resize = Resize::cover;
  larger.input.size = 40;
  EXPECT_EQ(import_torch(torch_cifar_resnet20(""), larger).preprocess.crop, 32);
}

TEST(ImportResidual, OneShortcutMissingAmongOthersIsNamed) {
  NamedTensors source = torch_cifar_resnet20("shortcut");
  std::erase_if(source, [](const NamedTensor& tensor) {
    return tensor.name == "layer3.0.shortcut.0.weight";
  });
  const std::string line = error_line([&] { import_torch(source); });
  expect_line(line, "taken for cifar_resnet20");
  expect_line(line, "layer3.0.shortcut.0.weight is missing");
}

}  // namespace
}  // namespace hdecomp
