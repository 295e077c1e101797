/// Loading cuBLAS and cuDNN: each of their functions that the backend calls is defined here and
/// passes its call on to the library.
#include "kernels/core/cuda_libraries.h"

#include <cublas_v2.h>
#include <cudnn.h>
#include <dlfcn.h>

#include <string>

#include "hdecomp/error.h"

namespace hdecomp::cuda {
namespace {

/// A shared library that stays loaded until the program ends.
class Library {
 public:
  Library(const char* product, const std::string& file) : product_(product), file_(file) {
    // The loader's own search first (LD_LIBRARY_PATH, the system's folders), then CUDA's folder.
    for (const std::string folder : {"", "/usr/local/cuda/lib64/"}) {
      handle_ = dlopen((folder + file).c_str(), RTLD_NOW | RTLD_LOCAL);
      if (handle_ != nullptr) return;
      if (folder.empty()) reason_ = dlerror();
    }
  }

  bool found() const { return handle_ != nullptr; }

  void require() const {
    if (found()) return;
    throw UserError(joined("--device cuda: ", product_, " cannot be loaded (", reason_,
                           "); install ", file_,
                           " or put its folder into LD_LIBRARY_PATH, or give --device cpu"));
  }

  template <class Function>
  Function* function(const char* name) const {
    require();
    void* address = dlsym(handle_, name);
    if (address == nullptr) throw Error(joined(file_, " has no function ", name));
    return reinterpret_cast<Function*>(address);
  }

 private:
  const char* product_;
  std::string file_, reason_;
  void* handle_ = nullptr;
};

const Library& cublas() {
  static const Library library("cuBLAS", joined("libcublas.so.", CUBLAS_VER_MAJOR));
  return library;
}

const Library& cudnn() {
  static const Library library("cuDNN", joined("libcudnn.so.", CUDNN_MAJOR));
  return library;
}

}  // namespace

bool libraries_found() noexcept {
  try {
    return cublas().found() && cudnn().found();
  } catch (...) {  // no memory for a name
    return false;
  }
}

void require_libraries() {
  cublas().require();
  cudnn().require();
}

// The functions by the libraries' own declarations, which the compiler holds these against.
#define FORWARD(library, result, name, parameters, arguments)                  \
  extern "C" result name parameters {                                          \
    static const auto function = library().function<result parameters>(#name); \
    return function arguments;                                                 \
  }

FORWARD(cublas, cublasStatus_t, cublasCreate_v2, (cublasHandle_t * handle), (handle))
FORWARD(cublas, cublasStatus_t, cublasDestroy_v2, (cublasHandle_t handle), (handle))
FORWARD(cublas, cublasStatus_t, cublasGemmEx_64,
        (cublasHandle_t handle, cublasOperation_t transa, cublasOperation_t transb, int64_t m,
         int64_t n, int64_t k, const void* alpha, const void* A, cudaDataType Atype, int64_t lda,
         const void* B, cudaDataType Btype, int64_t ldb, const void* beta, void* C,
         cudaDataType Ctype, int64_t ldc, cublasComputeType_t computeType, cublasGemmAlgo_t algo),
        (handle, transa, transb, m, n, k, alpha, A, Atype, lda, B, Btype, ldb, beta, C, Ctype, ldc,
         computeType, algo))
FORWARD(cublas, cublasStatus_t, cublasGemmStridedBatchedEx_64,
        (cublasHandle_t handle, cublasOperation_t transa, cublasOperation_t transb, int64_t m,
         int64_t n, int64_t k, const void* alpha, const void* A, cudaDataType Atype, int64_t lda,
         long long int strideA, const void* B, cudaDataType Btype, int64_t ldb,
         long long int strideB, const void* beta, void* C, cudaDataType Ctype, int64_t ldc,
         long long int strideC, int64_t batchCount, cublasComputeType_t computeType,
         cublasGemmAlgo_t algo),
        (handle, transa, transb, m, n, k, alpha, A, Atype, lda, strideA, B, Btype, ldb, strideB,
         beta, C, Ctype, ldc, strideC, batchCount, computeType, algo))
FORWARD(cublas, const char*, cublasGetStatusName, (cublasStatus_t status), (status))
FORWARD(cublas, const char*, cublasGetStatusString, (cublasStatus_t status), (status))
FORWARD(cublas, cublasStatus_t, cublasSetStream_v2, (cublasHandle_t handle, cudaStream_t streamId),
        (handle, streamId))
FORWARD(cublas, cublasStatus_t, cublasSetWorkspace_v2,
        (cublasHandle_t handle, void* workspace, size_t workspaceSizeInBytes),
        (handle, workspace, workspaceSizeInBytes))
FORWARD(cudnn, cudnnStatus_t, cudnnConvolutionBackwardData,
        (cudnnHandle_t handle, const void* alpha, const cudnnFilterDescriptor_t wDesc,
         const void* w, const cudnnTensorDescriptor_t dyDesc, const void* dy,
         const cudnnConvolutionDescriptor_t convDesc, cudnnConvolutionBwdDataAlgo_t algo,
         void* workSpace, size_t workSpaceSizeInBytes, const void* beta,
         const cudnnTensorDescriptor_t dxDesc, void* dx),
        (handle, alpha, wDesc, w, dyDesc, dy, convDesc, algo, workSpace, workSpaceSizeInBytes, beta,
         dxDesc, dx))
FORWARD(cudnn, cudnnStatus_t, cudnnConvolutionForward,
        (cudnnHandle_t handle, const void* alpha, const cudnnTensorDescriptor_t xDesc,
         const void* x, const cudnnFilterDescriptor_t wDesc, const void* w,
         const cudnnConvolutionDescriptor_t convDesc, cudnnConvolutionFwdAlgo_t algo,
         void* workSpace, size_t workSpaceSizeInBytes, const void* beta,
         const cudnnTensorDescriptor_t yDesc, void* y),
        (handle, alpha, xDesc, x, wDesc, w, convDesc, algo, workSpace, workSpaceSizeInBytes, beta,
         yDesc, y))
FORWARD(cudnn, cudnnStatus_t, cudnnCreate, (cudnnHandle_t * handle), (handle))
FORWARD(cudnn, cudnnStatus_t, cudnnCreateConvolutionDescriptor,
        (cudnnConvolutionDescriptor_t * convDesc), (convDesc))
FORWARD(cudnn, cudnnStatus_t, cudnnCreateFilterDescriptor, (cudnnFilterDescriptor_t * filterDesc),
        (filterDesc))
FORWARD(cudnn, cudnnStatus_t, cudnnCreateTensorDescriptor, (cudnnTensorDescriptor_t * tensorDesc),
        (tensorDesc))
FORWARD(cudnn, cudnnStatus_t, cudnnDestroy, (cudnnHandle_t handle), (handle))
FORWARD(cudnn, cudnnStatus_t, cudnnDestroyConvolutionDescriptor,
        (cudnnConvolutionDescriptor_t convDesc), (convDesc))
FORWARD(cudnn, cudnnStatus_t, cudnnDestroyFilterDescriptor, (cudnnFilterDescriptor_t filterDesc),
        (filterDesc))
FORWARD(cudnn, cudnnStatus_t, cudnnDestroyTensorDescriptor, (cudnnTensorDescriptor_t tensorDesc),
        (tensorDesc))
FORWARD(cudnn, cudnnStatus_t, cudnnGetConvolutionBackwardDataAlgorithm_v7,
        (cudnnHandle_t handle, const cudnnFilterDescriptor_t filterDesc,
         const cudnnTensorDescriptor_t diffDesc, const cudnnConvolutionDescriptor_t convDesc,
         const cudnnTensorDescriptor_t gradDesc, const int requestedAlgoCount,
         int* returnedAlgoCount, cudnnConvolutionBwdDataAlgoPerf_t* perfResults),
        (handle, filterDesc, diffDesc, convDesc, gradDesc, requestedAlgoCount, returnedAlgoCount,
         perfResults))
FORWARD(cudnn, cudnnStatus_t, cudnnGetConvolutionBackwardDataWorkspaceSize,
        (cudnnHandle_t handle, const cudnnFilterDescriptor_t wDesc,
         const cudnnTensorDescriptor_t dyDesc, const cudnnConvolutionDescriptor_t convDesc,
         const cudnnTensorDescriptor_t dxDesc, cudnnConvolutionBwdDataAlgo_t algo,
         size_t* sizeInBytes),
        (handle, wDesc, dyDesc, convDesc, dxDesc, algo, sizeInBytes))
FORWARD(cudnn, cudnnStatus_t, cudnnGetConvolutionForwardAlgorithm_v7,
        (cudnnHandle_t handle, const cudnnTensorDescriptor_t srcDesc,
         const cudnnFilterDescriptor_t filterDesc, const cudnnConvolutionDescriptor_t convDesc,
         const cudnnTensorDescriptor_t destDesc, const int requestedAlgoCount,
         int* returnedAlgoCount, cudnnConvolutionFwdAlgoPerf_t* perfResults),
        (handle, srcDesc, filterDesc, convDesc, destDesc, requestedAlgoCount, returnedAlgoCount,
         perfResults))
FORWARD(cudnn, cudnnStatus_t, cudnnGetConvolutionForwardWorkspaceSize,
        (cudnnHandle_t handle, const cudnnTensorDescriptor_t xDesc,
         const cudnnFilterDescriptor_t wDesc, const cudnnConvolutionDescriptor_t convDesc,
         const cudnnTensorDescriptor_t yDesc, cudnnConvolutionFwdAlgo_t algo, size_t* sizeInBytes),
        (handle, xDesc, wDesc, convDesc, yDesc, algo, sizeInBytes))
FORWARD(cudnn, const char*, cudnnGetErrorString, (cudnnStatus_t status), (status))
FORWARD(cudnn, void, cudnnGetLastErrorString, (char* message, size_t max_size), (message, max_size))
FORWARD(cudnn, cudnnStatus_t, cudnnSetConvolution2dDescriptor,
        (cudnnConvolutionDescriptor_t convDesc, int pad_h, int pad_w, int u, int v, int dilation_h,
         int dilation_w, cudnnConvolutionMode_t mode, cudnnDataType_t computeType),
        (convDesc, pad_h, pad_w, u, v, dilation_h, dilation_w, mode, computeType))
FORWARD(cudnn, cudnnStatus_t, cudnnSetConvolutionGroupCount,
        (cudnnConvolutionDescriptor_t convDesc, int groupCount), (convDesc, groupCount))
FORWARD(cudnn, cudnnStatus_t, cudnnSetConvolutionMathType,
        (cudnnConvolutionDescriptor_t convDesc, cudnnMathType_t mathType), (convDesc, mathType))
FORWARD(cudnn, cudnnStatus_t, cudnnSetFilter4dDescriptor,
        (cudnnFilterDescriptor_t filterDesc, cudnnDataType_t dataType, cudnnTensorFormat_t format,
         int k, int c, int h, int w),
        (filterDesc, dataType, format, k, c, h, w))
FORWARD(cudnn, cudnnStatus_t, cudnnSetStream, (cudnnHandle_t handle, cudaStream_t streamId),
        (handle, streamId))
FORWARD(cudnn, cudnnStatus_t, cudnnSetTensor4dDescriptor,
        (cudnnTensorDescriptor_t tensorDesc, cudnnTensorFormat_t format, cudnnDataType_t dataType,
         int n, int c, int h, int w),
        (tensorDesc, format, dataType, n, c, h, w))

#undef FORWARD

}  // namespace hdecomp::cuda
