/// The pixels' way to the device.
#include "runtime/network/network_input.h"

#include <algorithm>

#include "hdecomp/error.h"
#include "kernels/core/copy.h"
#include "kernels/core/parallel.h"
#include "kernels/map/normalise_image.h"
#include "runtime/image/preprocess.h"

namespace hdecomp {
namespace {

/// Whether the network sees other numbers of an image than its 8 bits.
bool has_own_numbers(const Image& image) { return !image.planes.empty() || !image.input.empty(); }

}  // namespace

NetworkInput::NetworkInput(const Context& context, const Preprocess& rule, int64_t batch)
    : context_(context),
      rule_(rule),
      pixels_(context.device(), {batch, rule.crop.height, rule.crop.width, 3}),
      input_(context.device(), {batch, 3, rule.crop.height, rule.crop.width}) {
  for (Staging& staging : staging_) {
    staging.pixels = {Device{}, pixels_.shape(),
                      allocate_for_copies(context.device(), pixels_.elements())};
  }
}

NetworkInput::~NetworkInput() {
  for (const Staging& staging : staging_) wait_quietly(staging.taken.get());
}

Tensor NetworkInput::of(std::span<const Image> photos) {
  const int64_t count = std::ssize(photos);
  Staging& staging = staging_[turn_++ % staging_.size()];
  if (staging.taken) staging.taken->wait();
  TensorOf<uint8_t> host = rows(staging.pixels, 0, count);
  const int64_t bytes = host.elements() / std::max<int64_t>(count, 1);
  parallel_tasks(context_, count, 2, [&](int64_t i) {
    if (has_own_numbers(photos[i])) return static_cast<void>(network_samples(photos[i], rule_));
    std::ranges::copy(network_view(photos[i], rule_).rgb, host.data() + i * bytes);
  });
  TensorOf<uint8_t> pixels = rows(pixels_, 0, count);
  copy(context_, host, pixels);
  Tensor input = rows(input_, 0, count);
  normalise_image(context_, pixels, {rule_.mean, rule_.std}, input);
  for (int64_t i = 0; i < count; ++i) {
    if (has_own_numbers(photos[i])) put_own(photos[i], i);
  }
  staging.taken = mark(context_);
  return input;
}

void NetworkInput::put_own(const Image& image, int64_t row) {
  Tensor host({}, {1, Image::channels, rule_.crop.height, rule_.crop.width});
  if (image.input.empty()) {
    normalise_planes(image.planes, rule_, host.span());
  } else {
    std::ranges::copy(image.input, host.data());  // network_samples() has seen to their number
  }
  Tensor there = rows(input_, row, row + 1);
  copy(context_, host, there);
  context_.finish();
}

void normalise_planes(std::span<const float> planes, const Preprocess& rule,
                      std::span<float> input) {
  if (planes.size() != input.size()) {
    throw Error(joined(planes.size(), " numbers for an input of ", input.size()));
  }
  const size_t area = planes.size() / Image::channels;
  for (size_t c = 0; c < Image::channels; ++c) {
    const float mean = rule.mean[c], deviation = rule.std[c];
    const float* from = planes.data() + c * area;
    float* to = input.data() + c * area;
    for (size_t i = 0; i < area; ++i) to[i] = (from[i] - mean) / deviation;
  }
}

}  // namespace hdecomp
