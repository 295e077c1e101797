/// The memory of stb_image_write, which goes on where there is none: here an exception passes
/// through it, and what it leaves behind is given back.
#pragma once

#include <cstddef>

namespace hdecomp {

class EncoderMemory {
 public:
  /// From here to the end of its life it is where this thread's resize() takes from.
  EncoderMemory();
  ~EncoderMemory();
  EncoderMemory(const EncoderMemory&) = delete;
  EncoderMemory& operator=(const EncoderMemory&) = delete;

  /// std::realloc(), but throws std::bad_alloc.
  static void* resize(void* memory, size_t bytes);
  static void release(void* memory);

 private:
  /// Ahead of each piece of memory.
  struct alignas(std::max_align_t) Block {
    Block *before, *after;
  };

  Block ends_{&ends_, &ends_};  // a ring
};

}  // namespace hdecomp
