/// Saliency maps of whole nets by what each method promises, and alike for images together and
/// alone, on every device. tests/compare_saliency.py holds them against PyTorch.
#include "tests/runtime/saliency_testing.h"

namespace hdecomp {
namespace {

using namespace saliency_testing;
using testing_models::Net;
using testing_models::NetOnDevice;
using testing_models::on_test_devices;
using enum SaliencyMethod;

class SaliencyOfNet : public NetOnDevice {};

TEST_P(SaliencyOfNet, ImagesTogetherHaveTheMapsThatEachHasAlone) {
  const Tensor images = two_images(net().input_size);
  for (size_t m = 0; m < std::size(saliency_methods); ++m) {
    SaliencyOptions options;
    options.method = static_cast<SaliencyMethod>(m);
    options.samples = 3;
    SCOPED_TRACE(saliency_methods[m]);
    const SaliencyMaps both = Maps(model(), device(), images).of({3, 1}, options);
    ASSERT_EQ(both.size(), 2u);
    for (int64_t i = 0; i < 2; ++i) {
      const SaliencyMap alone = std::move(
          Maps(model(), device(), rows(images, i, i + 1), 1).of({i == 0 ? 3 : 1}, options).front());
      EXPECT_EQ(both[i].layer, alone.layer);
      // ReLU and max-pool may give way to rounding on a GPU; no image here comes near.
      EXPECT_LE(error_of(both[i].values, alone.values),
                device().kind == DeviceKind::cpu ? 1e-6 : 1e-4);
      if (device().kind == DeviceKind::cpu) {
        EXPECT_EQ(both[i].values, alone.values);
      }
      EXPECT_TRUE(std::ranges::all_of(alone.values, [](float v) { return std::isfinite(v); }));
    }
  }
}

TEST_P(SaliencyOfNet, TheGradientIsThatOfTheWindows) {
  Maps maps(model(), device(), image(), 1);
  const WindowBatch windows = maps.gradients(maps.graph().scores(), {{2, 0, 0, 0}}, pixels_node);
  SaliencyOptions options;
  EXPECT_LE(error_of(maps.one(2, options), windows.data.span()), 1e-5);
  options.method = guided;
  const WindowBatch guided_windows =
      maps.gradients(maps.graph().scores(), {{2, 0, 0, 0}}, pixels_node, ReluRule::guided);
  EXPECT_LE(error_of(maps.one(2, options), guided_windows.data.span()), 1e-5);
}

TEST_P(SaliencyOfNet, NoNoiseIsTheGradientAndASeedIsTheSameNoise) {
  Maps maps(model(), device(), image(), 2);
  SaliencyOptions options;
  const std::vector<float> plain = maps.one(2, options);
  options.method = smoothgrad;
  options.samples = 3;
  options.noise = 0;
  EXPECT_LE(error_of(maps.one(2, options), plain), 1e-5);
  maps.forward(copied_to(device(), maps.context, image()));
  options.noise = 0.15;
  const std::vector<float> first = maps.one(2, options);
  EXPECT_GT(error_of(first, plain), 1e-3);
  maps.forward(copied_to(device(), maps.context, image()));
  EXPECT_EQ(maps.one(2, options), first);
  maps.forward(copied_to(device(), maps.context, image()));
  options.seed = 1;
  EXPECT_GT(error_of(maps.one(2, options), first), 1e-3);
}

/// On the CPU they are summed above the first convolution, whatever the batch.
TEST_P(SaliencyOfNet, SamplesAverageTheirGradientsInAnyBatch) {
  constexpr int64_t samples = 3;
  const Tensor x = image();
  const int64_t size = x.elements();
  std::vector<float> noise(samples * size), mean(size);
  for (size_t i = 0; i < noise.size(); ++i) {
    noise[i] = static_cast<float>(i * 7919 % 2003) / 1000 - 1;
  }
  SaliencyOptions options;
  options.noise = 0.1;
  const auto [least, most] = std::ranges::minmax(x.span());
  Maps maps(model(), device(), x, 2);
  for (int64_t s = 0; s < samples; ++s) {
    Tensor noisy({}, x.shape());
    for (int64_t k = 0; k < size; ++k) {
      noisy.data()[k] = x.data()[k] + 0.1f * (most - least) * noise[s * size + k];
    }
    maps.forward(copied_to(device(), maps.context, noisy));
    const std::vector<float> one = maps.one(2, options);
    for (int64_t k = 0; k < size; ++k) mean[k] += one[k] / samples;
  }
  options.method = smoothgrad;
  options.samples = samples;
  options.given_noise = std::make_shared<const std::vector<float>>(noise);
  maps.forward(copied_to(device(), maps.context, x));
  const std::vector<float> found = maps.one(2, options);
  EXPECT_LE(error_of(found, mean), 1e-4);
  if (device().kind != DeviceKind::cpu) return;
  Maps alone(model(), device(), x, 1);
  EXPECT_EQ(alone.one(2, options), found);
}

TEST_P(SaliencyOfNet, EveryRuleOfRelevanceGivesFiniteMaps) {
  Maps maps(model(), device(), image(), 1);
  SaliencyOptions options;
  options.method = lrp;
  for (const LrpRule rule : {LrpRule::epsilon, LrpRule::epsilon_plus, LrpRule::epsilon_plus_flat}) {
    options.rule = rule;
    const std::vector<float> map = maps.one(2, options);
    EXPECT_GT(largest(map), 0);
    EXPECT_TRUE(std::isfinite(largest(map)));
  }
}

INSTANTIATE_TEST_SUITE_P(, SaliencyOfNet,
                         on_test_devices(Net{"vgg16_bn", 32}, Net{"resnet18", 32},
                                         Net{"mobilenet_v2", 32}, Net{"efficientnet_b0", 32},
                                         Net{"googlenet", 32}, Net{"densenet121", 32},
                                         Net{"mobilenet_v3_small", {64, 32}}),
                         testing_models::net_name);

}  // namespace
}  // namespace hdecomp
