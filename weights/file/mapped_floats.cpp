/// Mapping a part of a file: from the start of the page that it begins on.
#include "weights/file/mapped_floats.h"

#include <sys/mman.h>
#include <unistd.h>

namespace hdecomp {

std::optional<Tensor> map_floats(int file, int64_t offset, const Shape& shape) {
  constexpr int64_t tensor_alignment = 64;
  if (offset % tensor_alignment != 0 || shape.elements() == 0) return {};
  const int64_t page = sysconf(_SC_PAGESIZE), before = offset % page;
  const auto bytes =
      static_cast<size_t>(before + shape.elements() * static_cast<int64_t>(sizeof(float)));
  void* pages = mmap(nullptr, bytes, PROT_READ, MAP_PRIVATE, file, offset - before);
  if (pages == MAP_FAILED) return {};
  BufferDeleter owner = BufferDeleter::leave(Device{});
  owner.memory = std::shared_ptr<void>(pages, [bytes](void* p) { munmap(p, bytes); });
  return Tensor(Device{}, shape, Buffer(static_cast<char*>(pages) + before, std::move(owner)));
}

}  // namespace hdecomp
