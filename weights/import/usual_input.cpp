/// torchvision's presets and Keras's one rule.
#include "weights/import/usual_input.h"

#include <algorithm>
#include <string_view>

#include "weights/keras/keras_layout.h"

namespace hdecomp {
namespace {

/// Those of torchvision 0.14 (the first of each architecture's: their names end in V1) that are not
/// shorter side 256, crop 224, bilinear.
struct Preset {
  std::string_view arch;
  int64_t size, crop;
  Interpolation interpolation;
};
constexpr Preset presets[] = {
    {"efficientnet_b0", 256, 224, Interpolation::bicubic},
    {"efficientnet_b1", 256, 240, Interpolation::bicubic},
    {"efficientnet_b2", 288, 288, Interpolation::bicubic},
    {"efficientnet_b3", 320, 300, Interpolation::bicubic},
    {"efficientnet_b4", 384, 380, Interpolation::bicubic},
    {"inception_v3", 342, 299, Interpolation::bilinear},
    {"mnasnet0_75", 232, 224, Interpolation::bilinear},
    {"mnasnet1_3", 232, 224, Interpolation::bilinear},
    {"regnet_y_128gf", 384, 384, Interpolation::bicubic},
    {"resnext101_64x4d", 232, 224, Interpolation::bilinear},
    {"shufflenet_v2_x1_5", 232, 224, Interpolation::bilinear},
    {"shufflenet_v2_x2_0", 232, 224, Interpolation::bilinear},
};

}  // namespace

Preprocess published_input(const std::string& arch) {
  Preprocess rule;
  const auto* const preset = std::ranges::find(presets, arch, &Preset::arch);
  if (preset == std::end(presets)) return rule;
  rule.size = preset->size;
  rule.crop = preset->crop;
  rule.interpolation = preset->interpolation;
  return rule;
}

bool scales_its_input(const std::string& arch) {
  return arch == "googlenet" || arch == "inception_v3";
}

Preprocess usual_input(Dialect dialect, const std::string& arch, const PixelSize& own_size) {
  Preprocess rule = dialect == Dialect::keras ? keras_preprocess() : published_input(arch);
  if (dialect != Dialect::keras && scales_its_input(arch))
    rule.mean = rule.std = {0.5f, 0.5f, 0.5f};
  if (own_size == rule.crop) return rule;
  rule.resize = Resize::stretch;
  rule.size = rule.crop = own_size;
  return rule;
}

}  // namespace hdecomp
