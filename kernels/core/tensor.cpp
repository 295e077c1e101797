/// Memory for tensors.
#include "kernels/core/tensor.h"

#include <sys/mman.h>

#include <cstdlib>
#include <utility>

#include "kernels/core/buffer_pool.h"
#include "kernels/core/cuda_backend.h"
#include "kernels/core/out_of_memory.h"

namespace hdecomp {

Buffer allocate(Device device, int64_t bytes) {
  if (device.kind == DeviceKind::cuda) {
    return Buffer(cuda::allocate(device.index, bytes), BufferDeleter{device, {}});
  }
  // A cache line, and the widest vector load; for large buffers a huge page, since walking down a
  // classifier's weights by 4 KiB pages costs more in page look-ups than in reading, and new small
  // pages more in faults than in what is written to them. A tail that is a large part of its buffer
  // stays small.
  constexpr size_t line = 64, huge = size_t{2} << 20;
  const size_t wanted = static_cast<size_t>(bytes);
  const size_t alignment = wanted >= huge ? huge : line;
  const size_t rounded = (wanted + alignment) / alignment * alignment;
  void* memory = std::aligned_alloc(alignment, rounded);
  if (memory == nullptr) throw OutOfMemory(joined("out of memory: ", rounded, " bytes asked for"));
  const size_t in_huge = wanted >= 4 * huge ? rounded : wanted / huge * huge;
  if (in_huge > 0) madvise(memory, in_huge, MADV_HUGEPAGE);  // a wish that may be refused
  return Buffer(memory, BufferDeleter{});
}

Buffer allocate_for_copies(Device peer, int64_t bytes) {
  if (peer.kind != DeviceKind::cuda) return allocate(Device{}, bytes);
  BufferDeleter deleter;
  deleter.page_locked = true;
  return Buffer(cuda::allocate_page_locked(peer.index, bytes), deleter);
}

void BufferDeleter::operator()(void* address) {
  if (borrowed) return;
  if (pool) return std::exchange(pool, {})->give_back(std::move(memory), bytes);
  if (page_locked) return cuda::release_page_locked(address);
  if (device.kind == DeviceKind::cuda) return cuda::release(device.index, address);
  std::free(address);
}

}  // namespace hdecomp
