/// The fake cuDNN's errors, handles and descriptors.
#include <cstdio>
#include <string>

#include "fake_cudnn.h"

namespace emulator {
namespace {

thread_local std::string last_error;

template <class Description>
cudnnStatus_t create(Description** description) {
  *description = new Description;
  return CUDNN_STATUS_SUCCESS;
}
template <class Description>
cudnnStatus_t destroy(Description* description) {
  delete description;
  return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t set_extents(cudnnTensorStruct& tensor, cudnnTensorFormat_t format,
                          cudnnDataType_t type, int n, int c, int h, int w) {
  if (format != CUDNN_TENSOR_NCHW) return unsupported("the fake cuDNN knows NCHW alone");
  if (n < 1 || c < 1 || h < 1 || w < 1) return bad("an extent below 1");
  tensor.type = type;
  tensor.n = n, tensor.c = c, tensor.h = h, tensor.w = w;
  if (tensor.elements() >= int64_t{1} << 31) return unsupported("2^31 elements or more");
  return CUDNN_STATUS_SUCCESS;
}

}  // namespace

cudnnStatus_t refuse(cudnnStatus_t status, const char* reason) {
  last_error = reason;
  return status;
}

cudnnStatus_t check(cudnnHandle_t handle, const Extents& e) {
  if (handle == nullptr) return refuse(CUDNN_STATUS_NOT_INITIALIZED, "no handle");
  const cudnnConvolutionStruct& c = e.conv;
  const bool filled = e.x.elements() > 0 && e.y.elements() > 0 && e.w.elements() > 0;
  if (!filled || c.groups < 1 || c.stride_h < 1 || c.stride_w < 1) return bad("empty extents");
  if (e.x.type != e.w.type || e.x.type != e.y.type) return bad("mixed element types");
  if (e.x.c != e.w.c * c.groups || e.w.n % c.groups != 0 || e.y.c != e.w.n || e.x.n != e.y.n) {
    return bad("channels, groups and images do not fit together");
  }
  const int64_t height = (e.w.h - 1) * c.dilation_h + 1, width = (e.w.w - 1) * c.dilation_w + 1;
  if (e.y.h != (e.x.h + 2 * c.pad_h - height) / c.stride_h + 1 ||
      e.y.w != (e.x.w + 2 * c.pad_w - width) / c.stride_w + 1) {
    return bad("the output's extent is not the convolution's");
  }
  return CUDNN_STATUS_SUCCESS;
}

}  // namespace emulator

using emulator::bad;

const char* cudnnGetErrorString(cudnnStatus_t status) {
  switch (status) {
    case CUDNN_STATUS_SUCCESS:
      return "CUDNN_STATUS_SUCCESS";
    case CUDNN_STATUS_NOT_INITIALIZED:
      return "CUDNN_STATUS_NOT_INITIALIZED";
    case CUDNN_STATUS_BAD_PARAM:
      return "CUDNN_STATUS_BAD_PARAM";
    case CUDNN_STATUS_NOT_SUPPORTED:
      return "CUDNN_STATUS_NOT_SUPPORTED";
    case CUDNN_STATUS_EXECUTION_FAILED:
      return "CUDNN_STATUS_EXECUTION_FAILED";
  }
  return "CUDNN_STATUS_UNKNOWN";
}
void cudnnGetLastErrorString(char* message, size_t max_size) {
  std::snprintf(message, max_size, "%s", emulator::last_error.c_str());
}

cudnnStatus_t cudnnCreate(cudnnHandle_t* handle) {
  int count = 0;
  if (cudaGetDeviceCount(&count) != cudaSuccess) {
    return emulator::refuse(CUDNN_STATUS_NOT_INITIALIZED, "no device");
  }
  return emulator::create(handle);
}
cudnnStatus_t cudnnDestroy(cudnnHandle_t handle) { return emulator::destroy(handle); }
cudnnStatus_t cudnnSetStream(cudnnHandle_t handle, cudaStream_t stream) {
  if (handle == nullptr) return bad("no handle");
  handle->stream = stream;
  return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnCreateTensorDescriptor(cudnnTensorDescriptor_t* tensor) {
  return emulator::create(tensor);
}
cudnnStatus_t cudnnDestroyTensorDescriptor(cudnnTensorDescriptor_t tensor) {
  return emulator::destroy(tensor);
}
cudnnStatus_t cudnnSetTensor4dDescriptor(cudnnTensorDescriptor_t tensor, cudnnTensorFormat_t format,
                                         cudnnDataType_t type, int n, int c, int h, int w) {
  return emulator::set_extents(*tensor, format, type, n, c, h, w);
}
cudnnStatus_t cudnnCreateFilterDescriptor(cudnnFilterDescriptor_t* filter) {
  return emulator::create(filter);
}
cudnnStatus_t cudnnDestroyFilterDescriptor(cudnnFilterDescriptor_t filter) {
  return emulator::destroy(filter);
}
cudnnStatus_t cudnnSetFilter4dDescriptor(cudnnFilterDescriptor_t filter, cudnnDataType_t type,
                                         cudnnTensorFormat_t format, int k, int c, int h, int w) {
  return emulator::set_extents(*filter, format, type, k, c, h, w);
}
cudnnStatus_t cudnnCreateConvolutionDescriptor(cudnnConvolutionDescriptor_t* conv) {
  return emulator::create(conv);
}
cudnnStatus_t cudnnDestroyConvolutionDescriptor(cudnnConvolutionDescriptor_t conv) {
  return emulator::destroy(conv);
}
cudnnStatus_t cudnnSetConvolution2dDescriptor(cudnnConvolutionDescriptor_t conv, int pad_h,
                                              int pad_w, int stride_h, int stride_w, int dilation_h,
                                              int dilation_w, cudnnConvolutionMode_t mode,
                                              cudnnDataType_t compute) {
  if (pad_h < 0 || pad_w < 0 || stride_h < 1 || stride_w < 1) return bad("padding or stride");
  if (dilation_h < 1 || dilation_w < 1) return bad("dilation");
  if (mode != CUDNN_CROSS_CORRELATION || compute != CUDNN_DATA_FLOAT) {
    return emulator::unsupported("the fake cuDNN knows cross-correlation alone");
  }
  *conv = {pad_h, pad_w, stride_h, stride_w, dilation_h, dilation_w};
  return CUDNN_STATUS_SUCCESS;
}
cudnnStatus_t cudnnSetConvolutionGroupCount(cudnnConvolutionDescriptor_t conv, int groups) {
  conv->groups = groups;
  return CUDNN_STATUS_SUCCESS;
}
cudnnStatus_t cudnnSetConvolutionMathType(cudnnConvolutionDescriptor_t conv, cudnnMathType_t math) {
  conv->math = math;
  return CUDNN_STATUS_SUCCESS;
}
