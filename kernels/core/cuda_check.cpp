/// What a failed call of CUDA, cuBLAS or cuDNN is reported as.
#include "kernels/core/cuda_check.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace hdecomp::cuda {
namespace {

[[noreturn]] void fail(const CallSite& site, std::string_view name, std::string_view words) {
  const std::string_view path = site.file;
  const std::string_view file = path.substr(path.rfind('/') + 1);
  std::string line =
      joined(site.call, " at ", file, ":", site.line, " failed with ", name, ": ", words);
  std::ranges::replace(line, '\n', ' ');  // what() is one line, and cuDNN may say more
  throw Error(line);
}

}  // namespace

void check(cudaError_t status, const CallSite& site) {
  if (status == cudaSuccess) return;
  (void)cudaGetLastError();  // else the next call that looks would report this failure once more
  fail(site, cudaGetErrorName(status), cudaGetErrorString(status));
}

void check(cublasStatus_t status, const CallSite& site) {
  if (status == CUBLAS_STATUS_SUCCESS) return;
  fail(site, cublasGetStatusName(status), cublasGetStatusString(status));
}

void check(cudnnStatus_t status, const CallSite& site) {
  if (status == CUDNN_STATUS_SUCCESS) return;
  std::array<char, 512> words{};
  cudnnGetLastErrorString(words.data(), words.size());
  words.back() = 0;
  fail(site, cudnnGetErrorString(status), words.data());
}

}  // namespace hdecomp::cuda
