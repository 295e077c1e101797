/// The pool's size classes and its free lists.
#include "kernels/core/buffer_pool.h"

#include <bit>

namespace hdecomp {
namespace {

int64_t size_class(int64_t bytes) {
  const auto wanted = static_cast<uint64_t>(bytes < 256 ? 256 : bytes);
  const uint64_t step = std::bit_floor(wanted) / 4;
  return static_cast<int64_t>((wanted + step - 1) / step * step);
}

}  // namespace

int64_t BufferPool::allocations() const {
  const std::lock_guard lock(mutex_);
  return allocations_;
}

Buffer BufferPool::take(int64_t bytes) {
  const int64_t size = size_class(bytes);
  const std::lock_guard lock(mutex_);
  std::vector<Buffer>& spare = spare_[size];
  Buffer buffer;
  if (spare.empty()) {
    spare.reserve(++made_[size]);  // a place for the return of every one, which must not fail
    buffer = kind_ == Kind::device ? allocate(peer_, size) : allocate_for_copies(peer_, size);
    ++allocations_;
  } else {
    buffer = std::move(spare.back());
    spare.pop_back();
  }
  buffer.get_deleter().pool = shared_from_this();
  buffer.get_deleter().bytes = size;
  return buffer;
}

void BufferPool::give_back(void* memory, const BufferDeleter& deleter) noexcept {
  BufferDeleter own = deleter;
  own.pool.reset();
  const std::lock_guard lock(mutex_);
  spare_.find(deleter.bytes)->second.emplace_back(memory, own);
}

}  // namespace hdecomp
