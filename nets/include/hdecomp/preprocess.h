/// How a photograph becomes a network's input, as the model file says it: plain data.
#pragma once

#include <array>
#include <cstdint>

#include "hdecomp/pixel_size.h"

namespace hdecomp {

/// The resize that comes before the centre crop.
enum class Resize {
  cover,    // the aspect ratio stays: the smallest that is `size` or more both ways. Of a square
            // size that is the shorter side (torchvision Resize(int))
  stretch,  // height and width become `size` (torchvision Resize((int, int)))
};

/// How a resized picture's pixels are made, as PIL's resize does: the first two are antialiased.
enum class Interpolation { bilinear, bicubic, nearest };
inline constexpr const char* interpolations[] = {"bilinear", "bicubic", "nearest"};

struct Preprocess {
  Resize resize = Resize::cover;
  PixelSize size = 256;
  PixelSize crop = 224;  // the network's input
  // Normalised value = (value / 255 - mean) / std, per RGB channel.
  std::array<float, 3> mean{0.485f, 0.456f, 0.406f};
  std::array<float, 3> std{0.229f, 0.224f, 0.225f};
  Interpolation interpolation = Interpolation::bilinear;
};

/// How a rule's resize is called in model files and in `convert`'s JSON.
constexpr const char* resize_name(const Preprocess& rule) {
  const bool square = rule.size.is_square();
  if (rule.resize == Resize::cover) return square ? "shorter_side" : "cover";
  return square ? "square" : "stretch";
}

/// The size that a picture is made to cover before its centre of `crop` is cut out: 256 for 224.
constexpr PixelSize usual_resize(const PixelSize& crop) {
  constexpr auto longer = [](int64_t side) { return (side * 256 + 112) / 224; };
  return {longer(crop.height), longer(crop.width)};
}

}  // namespace hdecomp
