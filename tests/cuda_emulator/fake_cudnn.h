/// What the parts of the fake cuDNN share: what its handles and descriptors hold, its checks, and
/// the convolution itself.
#pragma once

#include <cstdint>

#include "cudnn.h"
#include "fake_product.h"

struct cudnnContext {
  cudaStream_t stream = nullptr;
};
struct cudnnTensorStruct {
  cudnnDataType_t type = CUDNN_DATA_FLOAT;
  int64_t n = 0, c = 0, h = 0, w = 0;

  int64_t elements() const { return n * c * h * w; }
};
struct cudnnFilterStruct : cudnnTensorStruct {};
struct cudnnConvolutionStruct {
  int pad_h = 0, pad_w = 0, stride_h = 0, stride_w = 0;
  int dilation_h = 1, dilation_w = 1, groups = 1;
  cudnnMathType_t math = CUDNN_DEFAULT_MATH;
};

namespace emulator {

/// Remembers the reason for cudnnGetLastErrorString; the status, to be returned.
cudnnStatus_t refuse(cudnnStatus_t status, const char* reason);
inline cudnnStatus_t bad(const char* reason) { return refuse(CUDNN_STATUS_BAD_PARAM, reason); }
inline cudnnStatus_t unsupported(const char* reason) {
  return refuse(CUDNN_STATUS_NOT_SUPPORTED, reason);
}

/// A convolution's extents: `x` and `y` are the gradients in the backward direction.
struct Extents {
  cudnnTensorStruct x, y;
  cudnnFilterStruct w;
  cudnnConvolutionStruct conv;

  int64_t group_in() const { return w.c; }
  int64_t group_out() const { return w.n / conv.groups; }
  int64_t taps() const { return w.h * w.w; }
  Element element() const {
    if (x.type == CUDNN_DATA_HALF) return Element::fp16;
    if (x.type == CUDNN_DATA_BFLOAT16) return Element::bf16;
    return conv.math == CUDNN_FMA_MATH ? Element::float32 : Element::tf32;
  }
  bool winograd() const {
    return w.h == 3 && w.w == 3 && conv.stride_h == 1 && conv.stride_w == 1 &&
           conv.dilation_h == 1 && conv.dilation_w == 1;
  }
};

/// Whether the extents fit together.
cudnnStatus_t check(cudnnHandle_t handle, const Extents& e);

struct Arrays {
  const void* w;
  const void* from;  // x, or dy
  void* to;          // y, or dx
  void* workspace;
  size_t workspace_bytes;
};

/// y (K / g, oh * ow) of each image and group = W (K / g, C / g * taps) times x's patches.
void forward(const Extents& e, const Arrays& a);
/// dx (C / g, h * w) of each image and group = W^T (C / g, K / g * taps) times what the taps reach.
void backward(const Extents& e, const Arrays& a);

}  // namespace emulator
