/// Every call of CUDA, cuBLAS and cuDNN goes through HDECOMP_CHECK: a failure becomes an Error that
/// names the call, where it stands, and what the library says.
#pragma once

#include <cublas_v2.h>
#include <cuda_runtime.h>
#include <cudnn.h>

#include <string>
#include <string_view>

#include "hdecomp/error.h"

namespace hdecomp::cuda {

/// A call in our source.
struct CallSite {
  const char* call;
  const char* file;
  int line;
};

/// Throws Error unless `status` is the library's success.
void check(cudaError_t status, const CallSite& site);
void check(cublasStatus_t status, const CallSite& site);
void check(cudnnStatus_t status, const CallSite& site);

/// Runs `body`; an Error of it begins with the layer's name, once, if there is one.
template <class Body>
decltype(auto) with_layer(const std::string& layer, Body&& body) {
  try {
    return body();
  } catch (const Error& fault) {
    const std::string prefix = layer + ": ";
    if (layer.empty() || std::string_view(fault.what()).starts_with(prefix)) throw;
    throw Error(prefix + fault.what());
  }
}

}  // namespace hdecomp::cuda

#define HDECOMP_CHECK(call) \
  ::hdecomp::cuda::check((call), ::hdecomp::cuda::CallSite{#call, __FILE__, __LINE__})
