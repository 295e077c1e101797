/// How a photograph becomes a network's input, as the model file says it: plain data.
#pragma once

#include <array>
#include <cstdint>

namespace hdecomp {

/// The resize that comes before the centre crop.
enum class Resize {
  shorter_side,  // the shorter side becomes `size`, the aspect ratio stays (torchvision
                 // Resize(int))
  square,        // both sides become `size` (torchvision Resize((int, int)))
};

/// How a resized picture's pixels are made, as PIL's resize does: the first two are antialiased.
enum class Interpolation { bilinear, bicubic, nearest };

struct Preprocess {
  Resize resize = Resize::shorter_side;
  int64_t size = 256;  // pixels
  int64_t crop = 224;  // pixels, height and width of the network's input
  // Normalised value = (value / 255 - mean) / std, per RGB channel.
  std::array<float, 3> mean{0.485f, 0.456f, 0.406f};
  std::array<float, 3> std{0.229f, 0.224f, 0.225f};
  Interpolation interpolation = Interpolation::bilinear;
};

/// The shorter side from which a centre of `crop` pixels is usually cut: 256 for 224.
constexpr int64_t usual_resize(int64_t crop) { return (crop * 256 + 112) / 224; }

}  // namespace hdecomp
