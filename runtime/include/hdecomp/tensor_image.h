/// Pictures that a program has in its own memory: 8-bit pixels laid out as it likes, and tensors
/// that are a network's input already.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "hdecomp/conversion.h"
#include "hdecomp/export.h"
#include "hdecomp/image.h"
#include "hdecomp/preprocess.h"

namespace hdecomp {

/// Pixels of 8 bits. Sample c of the pixel at (y, x) is bytes[y * row_stride + x * pixel_stride +
/// c * channel_stride]. Strides of 0 are those of interleaved samples without gaps.
struct PixelView {
  std::span<const uint8_t> bytes;
  int64_t height = 0, width = 0;
  int64_t channels = 3;  // 1: grey; 3: colours; 4: colours and an alpha, which is dropped
  int64_t row_stride = 0, pixel_stride = 0, channel_stride = 0;  // in bytes, not negative
  ChannelOrder order = ChannelOrder::rgb;                        // of three or four channels
};

/// A copy of the pixels: a photograph as if it were decoded from a file. Throws UserError that
/// names the shape where it is none of a picture, where strides are negative, and where `bytes` end
/// before the last sample.
HDECOMP_API Image image_of(const PixelView& pixels);

/// Numbers in C order.
struct TensorView {
  std::span<const float> values;
  std::vector<int64_t> shape;
};

/// Images that are a network's input itself: (n, 3, height, width), or one as (3, height, width),
/// normalised as the network wants it. They are for every call that takes an Image, but those that
/// change pixels (attack, what_if of a region). `rule` is the network's, Model::preprocess(): by it
/// they get the pixels that pictures show them with, clamped to 8 bits. Throws UserError that names
/// the shape, given and wanted, and for a value that is not finite.
HDECOMP_API std::vector<Image> input_images(const TensorView& tensor, const Preprocess& rule);

}  // namespace hdecomp
