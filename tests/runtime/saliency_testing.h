/// What the tests of saliency maps share: a net with its maps, and how far maps are apart.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "runtime/saliency/saliency_net.h"
#include "tests/support/device_net.h"

namespace hdecomp::saliency_testing {

/// A net after its forward pass, and its maps.
struct Maps : testing_models::DeviceNet {
  Maps(ModelData on_host, Device device, const Tensor& images, int64_t batch = 2)
      : DeviceNet(std::move(on_host), {device, batch}) {
    Tensor there = copied_to(device, context, images);
    forward(there);
    context.finish();
  }
  SaliencyMaps of(const std::vector<int64_t>& classes, const SaliencyOptions& options) {
    SaliencyNet net{context, *model, executor, windows};
    return saliency_maps(net, classes, options);
  }
  std::vector<float> one(int64_t class_index, const SaliencyOptions& options) {
    return of({class_index}, options).front().values;
  }
};

inline double largest(std::span<const float> values) {
  double most = 0;
  for (const float value : values) most = std::max(most, std::abs(double{value}));
  return most;
}

/// The largest difference over the largest value.
inline double error_of(std::span<const float> got, std::span<const float> expected) {
  EXPECT_EQ(got.size(), expected.size());
  double most = 0;
  for (size_t i = 0; i < got.size(); ++i) {
    most = std::max(most, std::abs(double{got[i]} - double{expected[i]}));
  }
  return most == 0 ? 0 : most / largest(expected);  // also of two maps of zeros: no leaf reached
}

inline Tensor two_images(const PixelSize& size) {
  Tensor images({}, {2, 3, size.height, size.width});
  for (int64_t i = 0; i < 2; ++i) {
    const Tensor one = testing_models::noise_image(size, 7 + static_cast<uint32_t>(i));
    std::ranges::copy(one.span(), images.data() + i * one.elements());
  }
  return images;
}

}  // namespace hdecomp::saliency_testing
