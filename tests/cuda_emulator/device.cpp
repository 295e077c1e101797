/// The emulated device: an sm_90 GPU with the memory and the count that a test asked for.
#include <atomic>
#include <cstring>

#include "cuda_emulator.h"
#include "cuda_runtime_api.h"
#include "state.h"

namespace {

std::atomic<int> device_count = 1;
std::atomic<size_t> memory_bytes = size_t{16} << 30;
thread_local int current_device = 0;

bool is_device(int device) { return device >= 0 && device < device_count; }

}  // namespace

namespace emulator {

void set_device_count(int count) { device_count = count < 0 ? 0 : count > 8 ? 8 : count; }
void set_device_memory(size_t bytes) { memory_bytes = bytes; }
size_t device_memory_bytes() { return memory_bytes; }

cudaError_t check_device() {
  if (device_count == 0) return cudaErrorNoDevice;
  return is_device(current_device) ? cudaSuccess : cudaErrorInvalidDevice;
}

}  // namespace emulator

using emulator::keep_error;

cudaError_t cudaGetDeviceCount(int* count) {
  if (count == nullptr) return keep_error(cudaErrorInvalidValue);
  *count = device_count;
  return keep_error(*count == 0 ? cudaErrorNoDevice : cudaSuccess);
}

cudaError_t cudaSetDevice(int device) {
  if (device_count == 0) return keep_error(cudaErrorNoDevice);
  if (!is_device(device)) return keep_error(cudaErrorInvalidDevice);
  current_device = device;
  return cudaSuccess;
}

cudaError_t cudaGetDevice(int* device) {
  if (device == nullptr) return keep_error(cudaErrorInvalidValue);
  if (device_count == 0) return keep_error(cudaErrorNoDevice);
  *device = current_device;
  return cudaSuccess;
}

cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int device) {
  if (properties == nullptr) return keep_error(cudaErrorInvalidValue);
  if (device_count == 0) return keep_error(cudaErrorNoDevice);
  if (!is_device(device)) return keep_error(cudaErrorInvalidDevice);
  *properties = {};
  std::strcpy(properties->name, "CUDA emulator");
  properties->totalGlobalMem = memory_bytes;
  properties->sharedMemPerBlock = emulator::kSharedBytes;
  properties->sharedMemPerBlockOptin = emulator::kSharedBytesOptIn;
  properties->warpSize = 32;
  properties->maxThreadsPerBlock = emulator::kMaxThreads;
  properties->maxThreadsDim[0] = properties->maxThreadsDim[1] = emulator::kMaxThreads;
  properties->maxThreadsDim[2] = emulator::kMaxThreadsZ;
  properties->maxGridSize[0] = emulator::kMaxGridX;
  properties->maxGridSize[1] = properties->maxGridSize[2] = emulator::kMaxGridYZ;
  properties->major = 9;
  properties->minor = 0;
  properties->multiProcessorCount = 4;
  properties->l2CacheSize = 4 << 20;
  properties->maxThreadsPerMultiProcessor = 2048;
  return cudaSuccess;
}

cudaError_t cudaDeviceGetAttribute(int* value, cudaDeviceAttr attribute, int device) {
  if (value == nullptr) return keep_error(cudaErrorInvalidValue);
  cudaDeviceProp has;
  const cudaError_t status = cudaGetDeviceProperties(&has, device);
  if (status != cudaSuccess) return status;
  switch (attribute) {
    case cudaDevAttrMaxThreadsPerBlock:
      return *value = has.maxThreadsPerBlock, cudaSuccess;
    case cudaDevAttrMaxBlockDimX:
      return *value = has.maxThreadsDim[0], cudaSuccess;
    case cudaDevAttrMaxBlockDimY:
      return *value = has.maxThreadsDim[1], cudaSuccess;
    case cudaDevAttrMaxBlockDimZ:
      return *value = has.maxThreadsDim[2], cudaSuccess;
    case cudaDevAttrMaxGridDimX:
      return *value = has.maxGridSize[0], cudaSuccess;
    case cudaDevAttrMaxGridDimY:
      return *value = has.maxGridSize[1], cudaSuccess;
    case cudaDevAttrMaxGridDimZ:
      return *value = has.maxGridSize[2], cudaSuccess;
    case cudaDevAttrMaxSharedMemoryPerBlock:
      return *value = static_cast<int>(has.sharedMemPerBlock), cudaSuccess;
    case cudaDevAttrWarpSize:
      return *value = has.warpSize, cudaSuccess;
    case cudaDevAttrMultiProcessorCount:
      return *value = has.multiProcessorCount, cudaSuccess;
    case cudaDevAttrL2CacheSize:
      return *value = has.l2CacheSize, cudaSuccess;
    case cudaDevAttrMaxThreadsPerMultiProcessor:
      return *value = has.maxThreadsPerMultiProcessor, cudaSuccess;
    case cudaDevAttrComputeCapabilityMajor:
      return *value = has.major, cudaSuccess;
    case cudaDevAttrComputeCapabilityMinor:
      return *value = has.minor, cudaSuccess;
    case cudaDevAttrMaxSharedMemoryPerBlockOptin:
      return *value = static_cast<int>(has.sharedMemPerBlockOptin), cudaSuccess;
  }
  return keep_error(cudaErrorInvalidValue);
}

cudaError_t cudaDeviceSynchronize() {
  if (const cudaError_t status = emulator::check_device()) return keep_error(status);
  if (const cudaError_t status = emulator::check_unsafe_call()) return keep_error(status);
  return keep_error(emulator::take_any_stream_error());
}

cudaError_t cudaDriverGetVersion(int* version) {
  if (version == nullptr) return keep_error(cudaErrorInvalidValue);
  *version = device_count == 0 ? 0 : CUDART_VERSION;
  return cudaSuccess;
}

cudaError_t cudaRuntimeGetVersion(int* version) {
  if (version == nullptr) return keep_error(cudaErrorInvalidValue);
  *version = CUDART_VERSION;
  return cudaSuccess;
}
