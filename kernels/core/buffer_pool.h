/// Memory that comes and goes with every level of a tree, kept for the next: after the first run of
/// a kind nothing is allocated any more.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "kernels/core/device.h"
#include "kernels/core/tensor.h"

namespace hdecomp {

/// Not safe for use by two threads at once.
class BufferPool : public std::enable_shared_from_this<BufferPool> {
 public:
  explicit BufferPool(Device device) : device_(device) {}

  Device device() const { return device_; }
  /// How often the pool had no spare buffer and took memory from the device.
  int64_t allocations() const { return allocations_; }

  /// At least `bytes` bytes, 64-byte aligned, uninitialised; they return to the pool when the
  /// buffer is destroyed. Sizes are rounded up to four classes per power of two, so that levels of
  /// nearly the same size share buffers.
  Buffer take(int64_t bytes);

 private:
  friend struct BufferDeleter;

  Device device_;
  int64_t allocations_ = 0;
  std::map<int64_t, std::vector<Buffer>> spare_;
};

/// A tensor in the pool's memory.
template <class T>
TensorOf<T> take_tensor(BufferPool& pool, const Shape& shape) {
  return {pool.device(), shape, pool.take(shape.elements() * static_cast<int64_t>(sizeof(T)))};
}

}  // namespace hdecomp
