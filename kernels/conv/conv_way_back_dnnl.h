/// The gradient to a convolution's input, one image at a time, between maps in layouts that the
/// caller has chosen.
#pragma once

#include "kernels/conv/conv_direction_dnnl.h"
#include "kernels/conv/conv_to_image_cpu.h"
#include "kernels/conv/winograd_conv_cpu.h"

namespace hdecomp::cpu {

class ConvWayBack {
 public:
  using Passed = winograd_tiles::Passed;

  /// From the output's gradient, in layout `above`, to the input's, in layout `below`; of a spec
  /// for one image. The context must outlive it, and the weight where it has oneDNN's layout or
  /// there is a store, which shares what is made of it.
  ConvWayBack(const Context& context, const ConvSpec& spec, const Tensor& weight,
              const dnnl::memory::desc& above, const dnnl::memory::desc& below, WeightStore* store);

  /// All of `dx`.
  void run(const float* dy, float* dx);
  /// Whether it can end with what the input's own activation lets pass.
  bool ends_by_activation() const { return winograd_.has_value(); }
  void run(const float* dy, float* dx, const Passed& passed);

 private:
  void spread(float* dx) const;

  const Context& context_;
  ConvSpec spec_;
  std::optional<WinogradConv> winograd_;  // where these are the fastest
  std::optional<ConvToImage> to_image_;
  std::optional<ConvDirection> direction_;  // else
  Tensor phases_;                           // where it goes by several: what the direction gives
  int64_t block_h_ = 1, block_w_ = 1;       // of phases
};

}  // namespace hdecomp::cpu
