/// How one convolution is described to cuDNN, and which of its algorithms runs it.
#pragma once

#include <cudnn.h>

#include "kernels/conv/conv.h"
#include "kernels/core/context_cuda.h"

namespace hdecomp::cuda {

using TensorDescriptor = Owned<cudnnTensorDescriptor_t, cudnnDestroyTensorDescriptor>;
using FilterDescriptor = Owned<cudnnFilterDescriptor_t, cudnnDestroyFilterDescriptor>;
using ConvDescriptor = Owned<cudnnConvolutionDescriptor_t, cudnnDestroyConvolutionDescriptor>;

/// The extents of a convolution in the element type of the context's precision; made once.
class ConvDescription {
 public:
  ConvDescription(const Context& context, const ConvSpec& spec);

  cudnnTensorDescriptor_t x() const { return x_.get(); }
  cudnnTensorDescriptor_t y() const { return y_.get(); }
  cudnnFilterDescriptor_t weight() const { return weight_.get(); }
  cudnnConvolutionDescriptor_t conv() const { return conv_.get(); }

  /// The algorithm that cuDNN's own estimate puts first among those that give the same bits every
  /// time, stay close to float32's rounding and need no excessive workspace. It is estimated, not
  /// timed, so every run on a device chooses alike. Kept in the context for layers of the same
  /// extents. Throws Error if there is none.
  ConvChoice forward_choice() const;
  ConvChoice backward_choice() const;

 private:
  ConvKey key(bool forward) const;
  /// The kept choice for `forward`, or that of `choose`.
  template <class Choose>
  ConvChoice kept_or(bool forward, Choose choose) const;
  /// The first of cuDNN's list, else of `allowed`, that `workspace` can tell the need of.
  template <class Performance, class Algorithms, class Workspace>
  ConvChoice first_allowed(const Performance* begin, int count, const Algorithms& allowed,
                           Workspace workspace) const;

  const Context& context_;
  ConvSpec spec_;
  TensorDescriptor x_, y_;
  FilterDescriptor weight_;
  ConvDescriptor conv_;
};

}  // namespace hdecomp::cuda
