/// Device memory and page-locked memory: host memory with a record of every block, and the failures
/// that a test asked for.
#include "memory.h"

#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>

#include "cuda_emulator.h"
#include "cuda_runtime_api.h"
#include "hdecomp/error.h"
#include "state.h"

namespace emulator {
namespace {

constexpr size_t kAlignment = 256;
constexpr size_t kFilledBytes = size_t{64} << 20;  // of larger blocks only the beginning is filled

struct Block {
  size_t bytes;
  bool on_device;
};

struct Memory {
  std::mutex mutex;
  std::map<const char*, Block> blocks;
  size_t device_bytes = 0;
  size_t host_bytes = 0;
  int skip = 0;
  int failures = 0;
  static Memory& all() {
    static Memory memory;
    return memory;
  }
  size_t& used(bool on_device) { return on_device ? device_bytes : host_bytes; }
};

/// Whether a test asked for this call to fail.
bool take_failure(Memory& memory) {
  if (memory.failures == 0) return false;
  if (memory.skip > 0) return --memory.skip, false;
  return --memory.failures, true;
}

cudaError_t check_allowed() {
  if (const cudaError_t status = check_device()) return keep_error(status);
  return keep_error(check_unsafe_call());
}

cudaError_t allocate(void** memory, size_t bytes, bool on_device) {
  if (memory == nullptr) return keep_error(cudaErrorInvalidValue);
  if (const cudaError_t status = check_allowed()) return status;
  *memory = nullptr;
  if (bytes == 0) return cudaSuccess;
  Memory& all = Memory::all();
  const std::lock_guard lock(all.mutex);
  const size_t total = device_memory_bytes();
  const bool no_room = on_device && (bytes > total || all.device_bytes > total - bytes);
  if (take_failure(all) || no_room || bytes > SIZE_MAX - kAlignment) {
    return keep_error(cudaErrorMemoryAllocation);
  }
  void* block = nullptr;
  if (posix_memalign(&block, kAlignment, bytes) != 0) return keep_error(cudaErrorMemoryAllocation);
  std::memset(block, 0xFF, bytes < kFilledBytes ? bytes : kFilledBytes);
  all.blocks[static_cast<char*>(block)] = {bytes, on_device};
  all.used(on_device) += bytes;
  *memory = block;
  return cudaSuccess;
}

cudaError_t release(void* memory, bool on_device) {
  if (const cudaError_t status = check_allowed()) return status;
  if (memory == nullptr) return cudaSuccess;
  Memory& all = Memory::all();
  const std::lock_guard lock(all.mutex);
  const auto found = all.blocks.find(static_cast<char*>(memory));
  if (found == all.blocks.end() || found->second.on_device != on_device) {
    report_fault(hdecomp::joined(on_device ? "cudaFree" : "cudaFreeHost", ": ", memory,
                                 " is no such block in use"));
    return keep_error(cudaErrorInvalidValue);
  }
  all.used(on_device) -= found->second.bytes;
  all.blocks.erase(found);
  std::free(memory);
  return cudaSuccess;
}

}  // namespace

MemoryKind memory_kind(const void* memory, size_t bytes) {
  Memory& all = Memory::all();
  const std::lock_guard lock(all.mutex);
  const auto* address = static_cast<const char*>(memory);
  auto next = all.blocks.upper_bound(address);
  if (next == all.blocks.begin()) return MemoryKind::host;
  const auto& [start, block] = *--next;
  const auto offset = static_cast<size_t>(address - start);
  if (offset >= block.bytes) return MemoryKind::host;
  if (!block.on_device) return MemoryKind::host;
  return bytes <= block.bytes - offset ? MemoryKind::device : MemoryKind::device_beyond_end;
}

bool is_device_memory(const void* memory, size_t bytes) {
  return memory_kind(memory, bytes) == MemoryKind::device;
}

void fail_next_malloc(int skip, int count) {
  Memory& all = Memory::all();
  const std::lock_guard lock(all.mutex);
  all.skip = skip;
  all.failures = count;
}

size_t allocated_bytes() {
  Memory& all = Memory::all();
  const std::lock_guard lock(all.mutex);
  return all.device_bytes;
}

size_t allocated_host_bytes() {
  Memory& all = Memory::all();
  const std::lock_guard lock(all.mutex);
  return all.host_bytes;
}

}  // namespace emulator

using emulator::keep_error;

cudaError_t cudaMemGetInfo(size_t* free, size_t* total) {
  if (free == nullptr || total == nullptr) return keep_error(cudaErrorInvalidValue);
  if (const cudaError_t status = emulator::check_device()) return keep_error(status);
  *total = emulator::device_memory_bytes();
  const size_t used = emulator::allocated_bytes();
  *free = used < *total ? *total - used : 0;
  return cudaSuccess;
}

cudaError_t cudaMalloc(void** memory, size_t bytes) {
  return emulator::allocate(memory, bytes, true);
}
cudaError_t cudaFree(void* memory) { return emulator::release(memory, true); }
cudaError_t cudaMallocHost(void** memory, size_t bytes) {
  return emulator::allocate(memory, bytes, false);
}
cudaError_t cudaHostAlloc(void** memory, size_t bytes, unsigned int) {
  return emulator::allocate(memory, bytes, false);
}
cudaError_t cudaFreeHost(void* memory) { return emulator::release(memory, false); }
