/// Memory that comes and goes with every level of a tree, kept for the next: after the first run of
/// a kind nothing is allocated any more.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "kernels/core/device.h"
#include "kernels/core/tensor.h"

namespace hdecomp {

/// Safe for use by several threads: results in its memory may outlive their engine and be destroyed
/// anywhere.
class BufferPool : public std::enable_shared_from_this<BufferPool> {
 public:
  /// Of a device's memory, or of host memory for copies to and from it.
  enum class Kind { device, host_for_copies };
  explicit BufferPool(Device device, Kind kind = Kind::device) : peer_(device), kind_(kind) {}

  /// Where its memory is.
  Device device() const { return kind_ == Kind::device ? peer_ : Device{}; }
  /// How often the pool had no spare buffer and took memory from the device.
  int64_t allocations() const;

  /// At least `bytes` bytes, 64-byte aligned, uninitialised; they return to the pool when the
  /// buffer is destroyed. Sizes are rounded up to four classes per power of two, so that levels of
  /// nearly the same size share buffers.
  Buffer take(int64_t bytes);

 private:
  friend struct BufferDeleter;
  void give_back(void* memory, const BufferDeleter& deleter) noexcept;

  Device peer_;
  Kind kind_;
  mutable std::mutex mutex_;
  int64_t allocations_ = 0;
  std::map<int64_t, std::vector<Buffer>> spare_;
  std::map<int64_t, size_t> made_;  // buffers of each size
};

/// A tensor in the pool's memory.
template <class T>
TensorOf<T> take_tensor(BufferPool& pool, const Shape& shape) {
  return {pool.device(), shape, pool.take(shape.elements() * static_cast<int64_t>(sizeof(T)))};
}

}  // namespace hdecomp
