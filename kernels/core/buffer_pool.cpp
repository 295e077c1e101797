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

Buffer BufferPool::take(int64_t bytes) {
  const int64_t size = size_class(bytes);
  std::vector<Buffer>& spare = spare_[size];
  Buffer buffer;
  if (spare.empty()) {
    spare.reserve(spare.capacity() + 1);  // a place for its return, which must not fail
    buffer = allocate(device_, size);
    ++allocations_;
  } else {
    buffer = std::move(spare.back());
    spare.pop_back();
  }
  buffer.get_deleter() = {device_, shared_from_this(), size};
  return buffer;
}

}  // namespace hdecomp
