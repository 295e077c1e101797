/// The core's CUDA backend: finding a GPU, its memory and handles, copies in stream order.
#include "kernels/core/context_cuda.h"

#include <algorithm>

#include "kernels/core/cuda_backend.h"
#include "kernels/core/cuda_libraries.h"
#include "kernels/core/out_of_memory.h"

namespace hdecomp {
namespace {

// Compute capability 8.0 is the oldest that the kernels are compiled for.
constexpr int oldest_major = 8;

// What NVIDIA recommends for Hopper, and more than older chips take. Its own workspace makes cuBLAS
// capturable and its results independent of other streams.
constexpr int64_t blas_workspace_bytes = int64_t{32} << 20;

// As cudaMalloc aligns.
constexpr int64_t arena_step = int64_t{2} << 20;

std::string cuda_version(int version) { return joined(version / 1000, ".", version % 1000 / 10); }

[[noreturn]] void refuse_without_driver() {
  int driver = 0, runtime = 0;
  if (cudaDriverGetVersion(&driver) != cudaSuccess) driver = 0;
  HDECOMP_CHECK(cudaRuntimeGetVersion(&runtime));
  if (driver == 0) {
    throw UserError(joined("--device cuda: there is no NVIDIA driver; install one for CUDA ",
                           cuda_version(runtime), ", or give --device cpu"));
  }
  throw UserError(joined("--device cuda: the NVIDIA driver is for CUDA ", cuda_version(driver),
                         "; update it to one for CUDA ", cuda_version(runtime),
                         ", or give --device cpu"));
}

int gpu_count() {
  int count = 0;
  const cudaError_t status = cudaGetDeviceCount(&count);
  if (status != cudaSuccess) (void)cudaGetLastError();
  if (status == cudaErrorInsufficientDriver) refuse_without_driver();
  if (status == cudaErrorNoDevice || (status == cudaSuccess && count == 0)) {
    throw UserError("--device cuda: the driver finds no GPU; give --device cpu");
  }
  cuda::check(status, {"cudaGetDeviceCount(&count)", __FILE__, __LINE__});
  return count;
}

/// Throws UserError unless GPU `index` is there and new enough.
void require_gpu(int index) {
  const int count = gpu_count();
  const std::string name = to_string(Device{DeviceKind::cuda, index});
  if (index < 0 || index >= count) {
    const std::string known = count == 1
                                  ? "is one GPU, cuda:0"
                                  : joined("are ", count, " GPUs, cuda:0 to cuda:", count - 1);
    throw UserError(joined("--device ", name, ": there ", known));
  }
  cudaDeviceProp properties{};
  HDECOMP_CHECK(cudaGetDeviceProperties(&properties, index));
  if (properties.major < oldest_major) {
    throw UserError(joined("--device ", name, ": ", properties.name, " has compute capability ",
                           properties.major, ".", properties.minor, ", and ", oldest_major,
                           ".0 is needed; give another GPU or --device cpu"));
  }
}

}  // namespace

Context::Cuda::Cuda(int index) : index_(index) {
  require_gpu(index);
  cuda::require_libraries();
  activate();
  HDECOMP_CHECK(cudaDeviceGetAttribute(&multiprocessors_, cudaDevAttrMultiProcessorCount, index));
  HDECOMP_CHECK(cudaStreamCreateWithFlags(stream_.out(), cudaStreamNonBlocking));
  HDECOMP_CHECK(cudaStreamCreateWithFlags(copy_stream_.out(), cudaStreamNonBlocking));
  blas_workspace_ = allocate(device(), blas_workspace_bytes);
  HDECOMP_CHECK(cublasCreate(blas_.out()));
  // In this order: setting the stream takes the workspace away again.
  HDECOMP_CHECK(cublasSetStream(blas_.get(), stream_.get()));
  HDECOMP_CHECK(cublasSetWorkspace(blas_.get(), blas_workspace_.get(),
                                   static_cast<size_t>(blas_workspace_bytes)));
  HDECOMP_CHECK(cudnnCreate(dnn_.out()));
  HDECOMP_CHECK(cudnnSetStream(dnn_.get(), stream_.get()));
}

Context::Cuda::~Cuda() {
  // The memory freed next may still be in use.
  (void)cudaSetDevice(index_);
  (void)cudaStreamSynchronize(stream_.get());
  (void)cudaStreamSynchronize(copy_stream_.get());
}

namespace cuda {

void Arena::reserve(int64_t bytes) {
  if (bytes <= bytes_) return;
  if (owner_.recording) {
    throw Error(joined("recording: an op needs ", bytes, " bytes to work in where ", bytes_,
                       " are planned; run it once before it is recorded"));
  }
  HDECOMP_CHECK(cudaStreamSynchronize(owner_.stream()));
  memory_.reset();
  bytes_ = 0;
  const int64_t rounded = (bytes + arena_step - 1) / arena_step * arena_step;
  memory_ = hdecomp::allocate(owner_.device(), rounded);
  bytes_ = rounded;
}

int count() {
  try {
    return gpu_count();
  } catch (...) {
    return 0;
  }
}

bool usable(int index) {
  try {
    require_gpu(index);
    return libraries_found();
  } catch (...) {
    return false;
  }
}

void* allocate(int index, int64_t bytes) {
  HDECOMP_CHECK(cudaSetDevice(index));
  void* memory = nullptr;
  // Even an empty tensor has an address.
  const cudaError_t status = cudaMalloc(&memory, static_cast<size_t>(std::max<int64_t>(bytes, 1)));
  if (status == cudaErrorMemoryAllocation) {
    (void)cudaGetLastError();
    size_t free = 0, total = 0;
    HDECOMP_CHECK(cudaMemGetInfo(&free, &total));
    throw OutOfMemory(joined(to_string(Device{DeviceKind::cuda, index}), ": out of memory: ", bytes,
                             " bytes asked for, ", free, " of ", total, " free"));
  }
  check(status, {"cudaMalloc(&memory, bytes)", __FILE__, __LINE__});
  return memory;
}

void release(int index, void* memory) noexcept {
  (void)cudaSetDevice(index);
  (void)cudaFree(memory);
}

void* allocate_page_locked(int index, int64_t bytes) {
  HDECOMP_CHECK(cudaSetDevice(index));
  void* memory = nullptr;
  const cudaError_t status =
      cudaMallocHost(&memory, static_cast<size_t>(std::max<int64_t>(bytes, 1)));
  if (status == cudaErrorMemoryAllocation) {
    (void)cudaGetLastError();
    throw OutOfMemory(
        joined("out of memory: ", bytes, " bytes of page-locked host memory asked for"));
  }
  check(status, {"cudaMallocHost(&memory, bytes)", __FILE__, __LINE__});
  return memory;
}

void release_page_locked(void* memory) noexcept { (void)cudaFreeHost(memory); }

std::shared_ptr<Context::Cuda> make_context(int index) {
  return std::make_shared<Context::Cuda>(index);
}

void finish(const Context& context) {
  HDECOMP_CHECK(cudaStreamSynchronize(context.cuda().stream()));
  HDECOMP_CHECK(cudaStreamSynchronize(context.cuda().copy_stream()));
}

void copy(const Context& context, const void* from, void* to, int64_t bytes) {
  HDECOMP_CHECK(cudaMemcpyAsync(to, from, static_cast<size_t>(bytes), cudaMemcpyDefault,
                                context.cuda().stream()));
}

void clear(const Context& context, void* memory, int64_t bytes) {
  HDECOMP_CHECK(cudaMemsetAsync(memory, 0, static_cast<size_t>(bytes), context.cuda().stream()));
}

}  // namespace cuda
}  // namespace hdecomp
