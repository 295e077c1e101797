/// Memory that comes and goes with every level of a tree, kept for the next: after the first run of
/// a kind nothing is allocated any more.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "kernels/core/device.h"
#include "kernels/core/tensor.h"

namespace hdecomp {

/// Memory that a pool lent, with all who may still use it: the pool itself while it is spare, the
/// buffer while it is lent, and the recordings whose ops name its address.
///
///   body of a recording takes a, b     pool: spare {c}     recording: {a, b}
///   body gives them back               pool: spare {a, b, c}     recording: {a, b}
///   others take a                      they write to it between two replays, never during one
///   trim(0)                            frees c; a and b stay until the recording goes
using LentMemory = std::shared_ptr<void>;

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
  /// How often the device had no room, so that spare memory was freed.
  int64_t shortages() const;

  /// At least `bytes` bytes, 64-byte aligned, uninitialised; they return to the pool when the
  /// buffer is destroyed. Sizes are rounded up to four classes per power of two, so that levels of
  /// nearly the same size share buffers. Where the device has no room, spare memory is freed first;
  /// throws OutOfMemory if that does not help.
  Buffer take(int64_t bytes);

  /// Frees spare memory, what was given back first, until no more than `most` bytes of it are left.
  /// What a recording owns is not spare; on the host small buffers are parts of larger pieces,
  /// which go when all their parts have. Returns the buffers' bytes. Not while ops are recorded.
  int64_t trim(int64_t most);
  /// What frees more where the device has no room: called before spare memory is freed. One at a
  /// time; nullptr for none.
  void on_shortage(std::function<void()> free_more);

  /// Calls `body`; returns all memory that it took. By one thread at a time.
  std::vector<LentMemory> taken_by(const std::function<void()>& body);

 private:
  friend struct BufferDeleter;
  struct Spare {
    LentMemory memory;
    int64_t since = 0;  // rises with every return
  };

  void give_back(LentMemory memory, int64_t bytes) noexcept;
  LentMemory take_spare(int64_t size);
  LentMemory make(int64_t size);
  LentMemory part_of_a_piece(int64_t size);
  LentMemory allocate_one(int64_t size);

  Device peer_;
  Kind kind_;
  mutable std::mutex mutex_;  // guards what follows
  int64_t allocations_ = 0, shortages_ = 0, returns_ = 0;
  std::map<int64_t, std::vector<Spare>> spare_;  // by size
  std::map<int64_t, size_t> made_;               // buffers of each size that there are
  std::vector<LentMemory>* taken_ = nullptr;     // where taken_by() notes them
  std::function<void()> free_more_;
  LentMemory piece_;        // of which small buffers on the host are parts
  int64_t piece_left_ = 0;  // bytes at its beginning
};

/// A tensor in the pool's memory.
template <class T>
TensorOf<T> take_tensor(BufferPool& pool, const Shape& shape) {
  return {pool.device(), shape, pool.take(shape.elements() * static_cast<int64_t>(sizeof(T)))};
}

}  // namespace hdecomp
