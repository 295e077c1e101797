/// From photographs to a network's input on the device: resized and cropped on the host, normalised
/// where the network runs.
#pragma once

#include <span>

#include "hdecomp/image.h"
#include "hdecomp/preprocess.h"
#include "kernels/core/context.h"
#include "kernels/core/tensor.h"

namespace hdecomp {

/// Planned for `batch` images. The context must outlive it.
class NetworkInput {
 public:
  NetworkInput(const Context& context, const Preprocess& rule, int64_t batch = 1);

  /// (n, 3, crop, crop) of 1 to `batch` photographs, on the context's device: (value / 255 - mean)
  /// / std of network_view's pixels. Valid until the next call. Throws UserError as network_view
  /// does.
  Tensor of(std::span<const Image> photos);

 private:
  const Context& context_;
  Preprocess rule_;
  TensorOf<uint8_t> host_pixels_, pixels_;  // (batch, crop, crop, 3)
  Tensor input_;                            // (batch, 3, crop, crop)
};

}  // namespace hdecomp
