/// Division on the device by numbers that are known at launch, which a GPU has no instruction for.
#pragma once

#include <cuda_runtime.h>

#include <bit>
#include <cstdint>
#include <limits>

#include "hdecomp/error.h"

namespace hdecomp::cuda {

/// As a product and a shift. Dividends lie in [0, 2^31).
struct Divider {
  uint32_t divisor = 1, factor = 1, shift = 0;

  /// `divisor` in [1, 2^31).
  static Divider by(int64_t divisor) {
    if (divisor < 1 || divisor > std::numeric_limits<int32_t>::max()) {
      throw Error(joined("on the GPU: ", divisor, " is no divisor"));
    }
    const auto number = static_cast<uint32_t>(divisor);
    const auto shift = static_cast<uint32_t>(std::bit_width(number - 1));
    const uint64_t rest = (uint64_t{1} << shift) - number;
    return {number, static_cast<uint32_t>((rest << 32) / number + 1), shift};
  }

  __device__ uint32_t quotient(uint32_t dividend) const {
    return (__umulhi(dividend, factor) + dividend) >> shift;
  }
};

/// The channel of an element of an array (n, channels, plane).
struct ChannelOf {
  Divider by_plane, by_channels;

  ChannelOf(int64_t channels, int64_t plane)
      : by_plane(Divider::by(plane)), by_channels(Divider::by(channels)) {}

  __device__ uint32_t operator()(uint32_t element) const {
    const uint32_t of_all = by_plane.quotient(element);
    return of_all - by_channels.quotient(of_all) * by_channels.divisor;
  }
};

}  // namespace hdecomp::cuda
