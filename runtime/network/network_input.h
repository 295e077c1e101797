/// From photographs to a network's input on the device: resized and cropped on the host, normalised
/// where the network runs.
#pragma once

#include <array>
#include <memory>
#include <span>

#include "hdecomp/image.h"
#include "hdecomp/preprocess.h"
#include "kernels/core/mark.h"
#include "kernels/core/tensor.h"

namespace hdecomp {

/// Planned for `batch` images. The context must outlive it.
class NetworkInput {
 public:
  NetworkInput(const Context& context, const Preprocess& rule, int64_t batch = 1);
  ~NetworkInput();
  NetworkInput(const NetworkInput&) = delete;
  NetworkInput& operator=(const NetworkInput&) = delete;

  /// (n, 3, height, width) of 1 to `batch` photographs, on the context's device: (value / 255 -
  /// mean) / std of network_view's pixels, or of an image's own planes; an image's own input as it
  /// is. The photographs are read before it returns; the next call writes the same memory in the
  /// order of the context's ops. Throws UserError as network_view does.
  Tensor of(std::span<const Image> photos);

 private:
  /// The pixels of a batch on the host, while the device takes them.
  struct Staging {
    TensorOf<uint8_t> pixels;     // (batch, height, width, 3)
    std::unique_ptr<Mark> taken;  // null before the first batch
  };

  void put_own(const Image& image, int64_t row);

  const Context& context_;
  Preprocess rule_;
  std::array<Staging, 2> staging_;  // in turn: one is filled while the device takes the other
  size_t turn_ = 0;
  TensorOf<uint8_t> pixels_;  // (batch, height, width, 3)
  Tensor input_;              // (batch, 3, height, width)
};

/// Values from 0 to 1, (3, h, w), as the network's input: (value - mean) / std by channel.
void normalise_planes(std::span<const float> planes, const Preprocess& rule,
                      std::span<float> input);

}  // namespace hdecomp
