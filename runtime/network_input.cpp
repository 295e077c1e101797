/// The pixels' way to the device.
#include "runtime/network_input.h"

#include <algorithm>

#include "kernels/core/copy.h"
#include "kernels/normalise_image.h"
#include "runtime/preprocess.h"

namespace hdecomp {

NetworkInput::NetworkInput(const Context& context, const Preprocess& rule, int64_t batch)
    : context_(context),
      rule_(rule),
      host_pixels_({}, {batch, rule.crop, rule.crop, 3}),
      pixels_(context.device(), host_pixels_.shape()),
      input_(context.device(), {batch, 3, rule.crop, rule.crop}) {}

Tensor NetworkInput::of(std::span<const Image> photos) {
  const int64_t count = std::ssize(photos);
  uint8_t* to = host_pixels_.data();
  for (const Image& photo : photos) {
    to = std::ranges::copy(network_view(photo, rule_).rgb, to).out;
  }
  TensorOf<uint8_t> pixels = rows(pixels_, 0, count);
  copy(context_, rows(host_pixels_, 0, count), pixels);
  Tensor input = rows(input_, 0, count);
  normalise_image(context_, pixels, {rule_.mean, rule_.std}, input);
  context_.finish();  // the host's pixels may change from here on
  return input;
}

}  // namespace hdecomp
