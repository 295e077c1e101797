/// The fake cuDNN's choice of algorithms, and its calls that convolve.
#include <array>
#include <type_traits>

#include "cuda_emulator.h"
#include "fake_cudnn.h"

namespace emulator {
namespace {

/// Whether an algorithm does the case, and the workspace that it asks for.
bool does(const Extents& e, cudnnConvolutionFwdAlgo_t algorithm, size_t& bytes) {
  bytes = 0;
  switch (algorithm) {
    case CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_GEMM:
      return true;
    case CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_PRECOMP_GEMM:
      bytes = static_cast<size_t>(e.taps() * e.w.c * 4);
      return true;
    case CUDNN_CONVOLUTION_FWD_ALGO_FFT_TILING:
      bytes = static_cast<size_t>(e.x.elements() * 8);
      return e.conv.groups == 1 && e.conv.stride_h == 1 && e.conv.stride_w == 1 &&
             e.conv.dilation_h == 1 && e.conv.dilation_w == 1;
    case CUDNN_CONVOLUTION_FWD_ALGO_WINOGRAD:
      bytes = static_cast<size_t>(e.w.elements() * 8);
      return e.winograd();
    default:
      return false;
  }
}
bool does(const Extents& e, cudnnConvolutionBwdDataAlgo_t algorithm, size_t& bytes) {
  bytes = 0;
  switch (algorithm) {
    case CUDNN_CONVOLUTION_BWD_DATA_ALGO_0:
      return true;
    case CUDNN_CONVOLUTION_BWD_DATA_ALGO_1:
      bytes = static_cast<size_t>(e.taps() * e.w.n * 4);
      return true;
    case CUDNN_CONVOLUTION_BWD_DATA_ALGO_WINOGRAD:
      bytes = static_cast<size_t>(e.w.elements() * 8);
      return e.winograd();
    default:
      return false;
  }
}

/// As cuDNN's estimate lists them: the fastest first, the unsupported last.
template <class Performance, class Algorithm, size_t count>
cudnnStatus_t list(const Extents& e, const std::array<Algorithm, count>& by_speed, int requested,
                   int* returned, Performance* results) {
  *returned = 0;
  for (const bool wanted : {true, false}) {
    for (const Algorithm algorithm : by_speed) {
      size_t bytes = 0;
      if (*returned == requested || does(e, algorithm, bytes) != wanted) continue;
      Performance& result = results[(*returned)++];
      result = {};
      result.algo = algorithm;
      result.status = wanted ? CUDNN_STATUS_SUCCESS : CUDNN_STATUS_NOT_SUPPORTED;
      result.time = -1;
      result.memory = bytes;
      result.determinism = CUDNN_DETERMINISTIC;
      if constexpr (std::is_same_v<Algorithm, cudnnConvolutionBwdDataAlgo_t>) {
        if (algorithm == CUDNN_CONVOLUTION_BWD_DATA_ALGO_0) {
          result.determinism = CUDNN_NON_DETERMINISTIC;
        }
      }
      result.mathType = e.conv.math;
    }
  }
  return CUDNN_STATUS_SUCCESS;
}

template <class Algorithm>
cudnnStatus_t check_workspace(const Extents& e, Algorithm algorithm, const void* workspace,
                              size_t given, size_t& needed) {
  if (!does(e, algorithm, needed)) return unsupported("the algorithm does not do this case");
  if (given < needed) return bad("the workspace is too small");
  if (needed > 0 && !is_device_memory(workspace, needed)) {
    return bad("the workspace is not device memory");
  }
  return CUDNN_STATUS_SUCCESS;
}

/// What a call that convolves is given beside its tensors.
struct Asked {
  const void *alpha, *beta, *workspace;
  size_t bytes;
};
template <class Algorithm>
cudnnStatus_t check_run(cudnnHandle_t handle, const Extents& e, Algorithm algorithm,
                        const Asked& asked, size_t& needed) {
  if (const auto status = check(handle, e); status != CUDNN_STATUS_SUCCESS) return status;
  const auto status = check_workspace(e, algorithm, asked.workspace, asked.bytes, needed);
  if (status != CUDNN_STATUS_SUCCESS) return status;
  const bool plain =
      *static_cast<const float*>(asked.alpha) == 1 && *static_cast<const float*>(asked.beta) == 0;
  return plain ? CUDNN_STATUS_SUCCESS : unsupported("alpha or beta");
}

template <class Algorithm>
cudnnStatus_t workspace_size(cudnnHandle_t handle, const Extents& e, Algorithm algorithm,
                             size_t& bytes) {
  if (const auto status = check(handle, e); status != CUDNN_STATUS_SUCCESS) return status;
  return does(e, algorithm, bytes) ? CUDNN_STATUS_SUCCESS : unsupported("algorithm");
}

bool on_device(const cudnnTensorStruct& tensor, const void* data) {
  const size_t size = tensor.type == CUDNN_DATA_FLOAT ? 4 : 2;
  return is_device_memory(data, static_cast<size_t>(tensor.elements()) * size);
}

cudnnStatus_t submitted(cudaError_t status) {
  if (status == cudaSuccess) return CUDNN_STATUS_SUCCESS;
  return refuse(CUDNN_STATUS_EXECUTION_FAILED, cudaGetErrorString(status));
}

cudnnStatus_t run_forward(cudnnHandle_t handle, const Extents& e, const Arrays& a) {
  if (!on_device(e.x, a.from) || !on_device(e.w, a.w) || !on_device(e.y, a.to)) {
    report_fault("cudnnConvolutionForward: a tensor is not in device memory");
    return refuse(CUDNN_STATUS_EXECUTION_FAILED, "a tensor is not in device memory");
  }
  return submitted(submit(handle->stream, [e, a] { forward(e, a); }));
}

}  // namespace
}  // namespace emulator

using emulator::Arrays;
using emulator::bad;
using emulator::Extents;

cudnnStatus_t cudnnGetConvolutionForwardAlgorithm_v7(
    cudnnHandle_t handle, const cudnnTensorDescriptor_t x, const cudnnFilterDescriptor_t w,
    const cudnnConvolutionDescriptor_t conv, const cudnnTensorDescriptor_t y, const int requested,
    int* returned, cudnnConvolutionFwdAlgoPerf_t* results) {
  const Extents e{*x, *y, *w, *conv};
  if (const auto status = emulator::check(handle, e); status != CUDNN_STATUS_SUCCESS) return status;
  constexpr std::array by_speed{
      CUDNN_CONVOLUTION_FWD_ALGO_FFT_TILING, CUDNN_CONVOLUTION_FWD_ALGO_WINOGRAD,
      CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_PRECOMP_GEMM, CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_GEMM,
      CUDNN_CONVOLUTION_FWD_ALGO_DIRECT};
  return emulator::list(e, by_speed, requested, returned, results);
}
cudnnStatus_t cudnnGetConvolutionForwardWorkspaceSize(
    cudnnHandle_t handle, const cudnnTensorDescriptor_t x, const cudnnFilterDescriptor_t w,
    const cudnnConvolutionDescriptor_t conv, const cudnnTensorDescriptor_t y,
    cudnnConvolutionFwdAlgo_t algorithm, size_t* bytes) {
  const Extents e{*x, *y, *w, *conv};
  return emulator::workspace_size(handle, e, algorithm, *bytes);
}
cudnnStatus_t cudnnConvolutionForward(cudnnHandle_t handle, const void* alpha,
                                      const cudnnTensorDescriptor_t x, const void* x_data,
                                      const cudnnFilterDescriptor_t w, const void* w_data,
                                      const cudnnConvolutionDescriptor_t conv,
                                      cudnnConvolutionFwdAlgo_t algorithm, void* workspace,
                                      size_t workspace_bytes, const void* beta,
                                      const cudnnTensorDescriptor_t y, void* y_data) {
  const Extents e{*x, *y, *w, *conv};
  size_t needed = 0;
  const emulator::Asked asked{alpha, beta, workspace, workspace_bytes};
  if (const auto status = emulator::check_run(handle, e, algorithm, asked, needed);
      status != CUDNN_STATUS_SUCCESS) {
    return status;
  }
  return emulator::run_forward(handle, e, {w_data, x_data, y_data, workspace, needed});
}
cudnnStatus_t cudnnGetConvolutionBackwardDataAlgorithm_v7(
    cudnnHandle_t handle, const cudnnFilterDescriptor_t w, const cudnnTensorDescriptor_t dy,
    const cudnnConvolutionDescriptor_t conv, const cudnnTensorDescriptor_t dx, const int requested,
    int* returned, cudnnConvolutionBwdDataAlgoPerf_t* results) {
  const Extents e{*dx, *dy, *w, *conv};
  if (const auto status = emulator::check(handle, e); status != CUDNN_STATUS_SUCCESS) return status;
  constexpr std::array by_speed{
      CUDNN_CONVOLUTION_BWD_DATA_ALGO_0, CUDNN_CONVOLUTION_BWD_DATA_ALGO_WINOGRAD,
      CUDNN_CONVOLUTION_BWD_DATA_ALGO_1, CUDNN_CONVOLUTION_BWD_DATA_ALGO_FFT};
  return emulator::list(e, by_speed, requested, returned, results);
}
cudnnStatus_t cudnnGetConvolutionBackwardDataWorkspaceSize(
    cudnnHandle_t handle, const cudnnFilterDescriptor_t w, const cudnnTensorDescriptor_t dy,
    const cudnnConvolutionDescriptor_t conv, const cudnnTensorDescriptor_t dx,
    cudnnConvolutionBwdDataAlgo_t algorithm, size_t* bytes) {
  const Extents e{*dx, *dy, *w, *conv};
  return emulator::workspace_size(handle, e, algorithm, *bytes);
}
cudnnStatus_t cudnnConvolutionBackwardData(cudnnHandle_t handle, const void* alpha,
                                           const cudnnFilterDescriptor_t w, const void* w_data,
                                           const cudnnTensorDescriptor_t dy, const void* dy_data,
                                           const cudnnConvolutionDescriptor_t conv,
                                           cudnnConvolutionBwdDataAlgo_t algorithm, void* workspace,
                                           size_t workspace_bytes, const void* beta,
                                           const cudnnTensorDescriptor_t dx, void* dx_data) {
  const Extents e{*dx, *dy, *w, *conv};
  size_t needed = 0;
  const emulator::Asked asked{alpha, beta, workspace, workspace_bytes};
  if (const auto status = emulator::check_run(handle, e, algorithm, asked, needed);
      status != CUDNN_STATUS_SUCCESS) {
    return status;
  }
  if (!emulator::on_device(e.x, dx_data) || !emulator::on_device(e.w, w_data) ||
      !emulator::on_device(e.y, dy_data)) {
    emulator::report_fault("cudnnConvolutionBackwardData: a tensor is not in device memory");
    return emulator::refuse(CUDNN_STATUS_EXECUTION_FAILED, "a tensor is not in device memory");
  }
  const Arrays arrays{w_data, dy_data, dx_data, workspace, needed};
  return emulator::submitted(
      emulator::submit(handle->stream, [e, arrays] { emulator::backward(e, arrays); }));
}
