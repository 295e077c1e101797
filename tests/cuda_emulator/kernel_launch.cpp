/// The launch of a kernel: refuses what a GPU would, then runs it or has it recorded.
#include <map>
#include <mutex>
#include <utility>

#include "block_runner.h"
#include "cuda_emulator.h"
#include "cuda_runtime.h"
#include "state.h"
#include "stream.h"

namespace emulator {
namespace {

struct KernelLimits {
  size_t dynamic_shared_bytes = kSharedBytes;  // from cudaFuncSetAttribute
  bool set = false;
  size_t static_shared_bytes = 0;  // known once the kernel has run
};

struct KernelTable {
  std::mutex mutex;
  std::map<const void*, KernelLimits> limits;
  static KernelTable& all() {
    static KernelTable table;
    return table;
  }
};

thread_local size_t kernels = 0;

KernelLimits limits_of(const void* kernel) {
  KernelTable& table = KernelTable::all();
  const std::lock_guard lock(table.mutex);
  return table.limits[kernel];
}

void note_static_shared(const void* kernel, size_t bytes) {
  KernelTable& table = KernelTable::all();
  const std::lock_guard lock(table.mutex);
  size_t& known = table.limits[kernel].static_shared_bytes;
  if (known < bytes) known = bytes;
}

bool within(const dim3& size, uint64_t x, uint64_t y, uint64_t z) {
  return size.x > 0 && size.y > 0 && size.z > 0 && size.x <= x && size.y <= y && size.z <= z;
}

/// Static and dynamic memory share 48 KiB, or 227 KiB if the kernel may have that much dynamic
/// memory. Returns what is left for static arrays, which is less than 0 bytes if none fit.
int64_t static_shared_limit(const KernelLimits& limits, size_t dynamic_bytes) {
  if (dynamic_bytes > kSharedBytesOptIn) return -1;
  const auto dynamic = static_cast<int64_t>(dynamic_bytes);
  const auto usual = static_cast<int64_t>(kSharedBytes);
  if (!limits.set || dynamic_bytes > limits.dynamic_shared_bytes) return usual - dynamic;
  const int64_t room = static_cast<int64_t>(kSharedBytesOptIn) - dynamic;
  return room < usual ? room : usual;
}

cudaError_t check_sizes(const cudaLaunchConfig_t& config) {
  if (!within(config.blockDim, kMaxThreads, kMaxThreads, kMaxThreadsZ) ||
      uint64_t{config.blockDim.x} * config.blockDim.y * config.blockDim.z > kMaxThreads ||
      !within(config.gridDim, kMaxGridX, kMaxGridYZ, kMaxGridYZ)) {
    return cudaErrorInvalidConfiguration;
  }
  return config.numAttrs == 0 ? cudaSuccess : cudaErrorNotSupported;
}

}  // namespace

size_t kernels_run() { return kernels; }

cudaError_t launch_kernel(const cudaLaunchConfig_t& config, const void* kernel,
                          std::function<void()> body) {
  if (const cudaError_t status = check_device()) return keep_error(status);
  if (kernel == nullptr) return keep_error(cudaErrorInvalidDeviceFunction);
  if (const cudaError_t status = check_sizes(config)) return keep_error(status);
  const KernelLimits limits = limits_of(kernel);
  const int64_t static_limit = static_shared_limit(limits, config.dynamicSmemBytes);
  if (static_limit < static_cast<int64_t>(limits.static_shared_bytes)) {
    return keep_error(cudaErrorInvalidValue);
  }
  const KernelRun run{kernel, config.gridDim, config.blockDim, config.dynamicSmemBytes,
                      static_cast<size_t>(static_limit)};
  // A launch that is run at once can still return that its static arrays took too much.
  cudaError_t at_once = cudaSuccess;
  cudaError_t* refusal = capturing(config.stream) ? nullptr : &at_once;
  const cudaError_t status = submit(config.stream, [run, body = std::move(body), refusal] {
    ++kernels;
    const KernelOutcome outcome = BlockRunner::mine().run(run, body);
    note_static_shared(run.kernel, outcome.static_shared_bytes);
    if (refusal != nullptr && outcome.status == cudaErrorInvalidValue) {
      *refusal = outcome.status;
    } else if (outcome.status != cudaSuccess) {
      fail_running_stream(outcome.status);
    }
  });
  return status != cudaSuccess ? status : keep_error(at_once);
}

}  // namespace emulator

cudaError_t cudaFuncSetAttribute(const void* kernel, cudaFuncAttribute attribute, int value) {
  using namespace emulator;
  if (const cudaError_t status = check_device()) return keep_error(status);
  if (kernel == nullptr) return keep_error(cudaErrorInvalidDeviceFunction);
  if (attribute == cudaFuncAttributePreferredSharedMemoryCarveout) return cudaSuccess;
  KernelTable& table = KernelTable::all();
  const std::lock_guard lock(table.mutex);
  KernelLimits& limits = table.limits[kernel];
  if (attribute != cudaFuncAttributeMaxDynamicSharedMemorySize || value < 0 ||
      static_cast<size_t>(value) + limits.static_shared_bytes > kSharedBytesOptIn) {
    return keep_error(cudaErrorInvalidValue);
  }
  limits.dynamic_shared_bytes = static_cast<size_t>(value);
  limits.set = true;
  return cudaSuccess;
}
