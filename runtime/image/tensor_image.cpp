/// A program's own pixels and tensors, checked and copied into images.
#include "hdecomp/tensor_image.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "hdecomp/error.h"
#include "runtime/image/planes.h"
#include "weights/file/finite.h"

namespace hdecomp {
namespace {

constexpr int64_t most_side = 65535, most_pixels = int64_t{1} << 28;  // as of a file

std::string shape_text(std::span<const int64_t> shape) {
  std::string text = "(";
  for (size_t i = 0; i < shape.size(); ++i) text += joined(i > 0 ? ", " : "", shape[i]);
  return text + ")";
}

/// With its strides filled in.
PixelView checked_view(PixelView view) {
  const int64_t shape[] = {view.height, view.width, view.channels};
  const bool has_size = view.height > 0 && view.width > 0 && view.height <= most_side &&
                        view.width <= most_side && view.height * view.width <= most_pixels;
  if (!has_size || (view.channels != 1 && view.channels != 3 && view.channels != 4)) {
    throw UserError(joined("pixels of shape ", shape_text(shape),
                           "; give (height, width, channels) of 1 to ", most_side,
                           " a side, at most 2^28 pixels, and 1, 3 or 4 channels"));
  }
  if (view.channel_stride == 0) view.channel_stride = 1;
  if (view.pixel_stride == 0) view.pixel_stride = view.channels * view.channel_stride;
  if (view.row_stride == 0) view.row_stride = view.width * view.pixel_stride;
  const int64_t strides[] = {view.row_stride, view.pixel_stride, view.channel_stride};
  // So large that no product below leaves 64 bits.
  constexpr int64_t most_stride = int64_t{1} << 40;
  if (std::ranges::any_of(strides, [](int64_t s) { return s < 0 || s > most_stride; })) {
    throw UserError(joined("pixels of shape ", shape_text(shape), " with strides ",
                           shape_text(strides), "; give strides from 0 to 2^40 bytes"));
  }
  const int64_t last = (view.height - 1) * view.row_stride + (view.width - 1) * view.pixel_stride +
                       (view.channels - 1) * view.channel_stride;
  if (last >= std::ssize(view.bytes)) {
    throw UserError(joined("pixels of shape ", shape_text(shape), " with strides ",
                           shape_text(strides), " reach ", last + 1, " bytes, but ",
                           view.bytes.size(), " are there"));
  }
  return view;
}

/// The pixels that a normalised image shows: what is beyond 8 bits is the nearer end.
std::vector<uint8_t> shown_pixels(std::span<const float> input, const Preprocess& rule) {
  std::vector<float> planes(input.size());
  const size_t area = input.size() / Image::channels;
  for (size_t i = 0; i < input.size(); ++i) {
    const size_t c = i / area;
    planes[i] = std::clamp(input[i] * rule.std[c] + rule.mean[c], 0.0f, 1.0f);
  }
  return rgb_of_planes(planes);
}

}  // namespace

Image image_of(const PixelView& pixels) {
  const PixelView view = checked_view(pixels);
  Image image{view.height, view.width, {}};
  image.rgb.resize(view.height * view.width * Image::channels);
  const int64_t colours = view.channels == 1 ? 0 : view.channel_stride;  // grey: the same thrice
  const bool turned = view.order == ChannelOrder::bgr && view.channels > 1;
  const int64_t red = turned ? 2 * colours : 0, step = turned ? -colours : colours;
  uint8_t* to = image.rgb.data();
  for (int64_t y = 0; y < view.height; ++y) {
    const uint8_t* row = view.bytes.data() + y * view.row_stride;
    for (int64_t x = 0; x < view.width; ++x) {
      const uint8_t* pixel = row + x * view.pixel_stride + red;
      for (int64_t c = 0; c < Image::channels; ++c) *to++ = pixel[c * step];
    }
  }
  return image;
}

std::vector<Image> input_images(const TensorView& tensor, const Preprocess& rule) {
  std::vector<int64_t> shape = tensor.shape;
  if (shape.size() == 3) shape.insert(shape.begin(), 1);
  const PixelSize& size = rule.crop;
  const std::vector<int64_t> one{Image::channels, size.height, size.width};
  constexpr int64_t most_images = 1 << 20;
  if (shape.size() != 4 || !std::equal(one.begin(), one.end(), shape.begin() + 1) || shape[0] < 1 ||
      shape[0] > most_images) {
    throw UserError(joined("a tensor of shape ", shape_text(tensor.shape),
                           "; the network's input is ", shape_text(one),
                           ", or (n, ...) of several"));
  }
  const int64_t values = one[0] * one[1] * one[2];
  if (std::ssize(tensor.values) != shape[0] * values) {
    throw UserError(joined("a tensor of shape ", shape_text(tensor.shape), " with ",
                           tensor.values.size(), " values in place of ", shape[0] * values));
  }
  if (const int64_t bad = first_not_finite(tensor.values); bad >= 0) {
    throw UserError(joined("a tensor of shape ", shape_text(tensor.shape), " with a value that is ",
                           "not finite: the one at place ", bad, " is ", tensor.values[bad]));
  }
  std::vector<Image> images;
  for (int64_t i = 0; i < shape[0]; ++i) {
    const std::span<const float> input = tensor.values.subspan(i * values, values);
    Image& image = images.emplace_back(Image{size.height, size.width, shown_pixels(input, rule)});
    image.input.assign(input.begin(), input.end());
  }
  return images;
}

}  // namespace hdecomp
