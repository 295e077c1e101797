/// A ring of blocks: an encoder has thousands, and each comes and goes in the same short time.
#include "runtime/image/encoder_memory.h"

#include <cstdint>
#include <cstdlib>
#include <new>

namespace hdecomp {
namespace {

thread_local EncoderMemory* current = nullptr;

}  // namespace

EncoderMemory::EncoderMemory() { current = this; }

EncoderMemory::~EncoderMemory() {
  for (Block* block = ends_.after; block != &ends_;) {
    Block* const after = block->after;
    std::free(block);
    block = after;
  }
  current = nullptr;
}

void* EncoderMemory::resize(void* memory, size_t bytes) {
  Block* const old = memory == nullptr ? nullptr : static_cast<Block*>(memory) - 1;
  if (bytes > SIZE_MAX - sizeof(Block)) throw std::bad_alloc();
  auto* const block = static_cast<Block*>(std::realloc(old, sizeof(Block) + bytes));
  if (block == nullptr) throw std::bad_alloc();
  if (old == nullptr) *block = {&current->ends_, current->ends_.after};
  block->before->after = block;
  block->after->before = block;
  return block + 1;
}

void EncoderMemory::release(void* memory) {
  if (memory == nullptr) return;
  Block* const block = static_cast<Block*>(memory) - 1;
  block->before->after = block->after;
  block->after->before = block->before;
  std::free(block);
}

}  // namespace hdecomp
