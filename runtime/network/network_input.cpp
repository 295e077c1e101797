/// The pixels' way to the device.
#include "runtime/network/network_input.h"

#include <algorithm>

#include "kernels/core/copy.h"
#include "kernels/core/parallel.h"
#include "kernels/map/normalise_image.h"
#include "runtime/image/preprocess.h"

namespace hdecomp {

NetworkInput::NetworkInput(const Context& context, const Preprocess& rule, int64_t batch)
    : context_(context),
      rule_(rule),
      pixels_(context.device(), {batch, rule.crop, rule.crop, 3}),
      input_(context.device(), {batch, 3, rule.crop, rule.crop}) {
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
    std::ranges::copy(network_view(photos[i], rule_).rgb, host.data() + i * bytes);
  });
  TensorOf<uint8_t> pixels = rows(pixels_, 0, count);
  copy(context_, host, pixels);
  Tensor input = rows(input_, 0, count);
  normalise_image(context_, pixels, {rule_.mean, rule_.std}, input);
  staging.taken = mark(context_);
  return input;
}

}  // namespace hdecomp
