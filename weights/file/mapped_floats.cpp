/// Mapping a part of a file: from the start of the page that it begins on.
#include "weights/file/mapped_floats.h"

#include <sys/mman.h>
#include <unistd.h>

#include <functional>
#include <map>
#include <mutex>

namespace hdecomp {
namespace {

/// Where the process's mapped tensors lie: bytes by their first.
struct Mappings {
  std::mutex mutex;
  std::map<const char*, size_t, std::less<>> bytes;
};

Mappings& mappings() {
  static Mappings all;
  return all;
}

/// Told to all who let go, for as long as it lasts.
std::shared_ptr<void> owned(void* pages, size_t bytes) {
  const auto unmap = [bytes](void* mapped) {
    const std::lock_guard lock(mappings().mutex);
    mappings().bytes.erase(static_cast<const char*>(mapped));
    munmap(mapped, bytes);
  };
  std::shared_ptr<void> owner(pages, unmap);
  const std::lock_guard lock(mappings().mutex);
  mappings().bytes[static_cast<const char*>(pages)] = bytes;
  return owner;
}

}  // namespace

std::optional<Tensor> map_floats(int file, int64_t offset, const Shape& shape) {
  constexpr int64_t tensor_alignment = 64;
  if (offset % tensor_alignment != 0 || shape.elements() == 0) return {};
  const int64_t page = sysconf(_SC_PAGESIZE), before = offset % page;
  const auto bytes =
      static_cast<size_t>(before + shape.elements() * static_cast<int64_t>(sizeof(float)));
  void* pages = mmap(nullptr, bytes, PROT_READ, MAP_PRIVATE, file, offset - before);
  if (pages == MAP_FAILED) return {};
  BufferDeleter owner = BufferDeleter::leave(Device{});
  owner.memory = owned(pages, bytes);
  return Tensor(Device{}, shape, Buffer(static_cast<char*>(pages) + before, std::move(owner)));
}

void let_go(const float* first, int64_t count) {
  const int64_t page = sysconf(_SC_PAGESIZE);
  const auto* begin = reinterpret_cast<const char*>(first);
  const char* end = begin + count * static_cast<int64_t>(sizeof(float));
  const std::lock_guard lock(mappings().mutex);  // so that it stays mapped
  const auto behind = mappings().bytes.upper_bound(begin);
  if (behind == mappings().bytes.begin()) return;
  const auto& [mapped, bytes] = *std::prev(behind);
  if (end > mapped + bytes) return;
  const int64_t from = (begin - mapped + page - 1) / page * page, to = (end - mapped) / page * page;
  if (from < to) {
    madvise(const_cast<char*>(mapped) + from, static_cast<size_t>(to - from), MADV_DONTNEED);
  }
}

}  // namespace hdecomp
