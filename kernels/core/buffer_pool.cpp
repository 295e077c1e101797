/// The pool's size classes, its free lists, and what it does when memory runs out.
#include "kernels/core/buffer_pool.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "kernels/core/out_of_memory.h"

namespace hdecomp {
namespace {

int64_t size_class(int64_t bytes) {
  const auto wanted = static_cast<uint64_t>(bytes < 256 ? 256 : bytes);
  const uint64_t step = std::bit_floor(wanted) / 4;
  return static_cast<int64_t>((wanted + step - 1) / step * step);
}

// Small buffers on the host come out of pieces with huge pages: a tree takes hundreds of them, and
// each fault for 4 KiB takes longer than what is written there. From 2 MB on they have huge
// pages of their own.
constexpr int64_t piece_bytes = int64_t{16} << 20;
#ifdef __SANITIZE_ADDRESS__
constexpr int64_t most_in_a_piece = 0;  // each alone, so that what is written beside it is seen
#else
constexpr int64_t most_in_a_piece = piece_bytes / 8 - 1;
#endif

/// Whether the pool alone has it. Recordings are the only others that keep spare memory.
bool is_free(const LentMemory& spare) { return spare.use_count() == 1; }

}  // namespace

int64_t BufferPool::allocations() const {
  const std::lock_guard lock(mutex_);
  return allocations_;
}

int64_t BufferPool::shortages() const {
  const std::lock_guard lock(mutex_);
  return shortages_;
}

void BufferPool::on_shortage(std::function<void()> free_more) {
  const std::lock_guard lock(mutex_);
  free_more_ = std::move(free_more);
}

Buffer BufferPool::take(int64_t bytes) {
  const int64_t size = size_class(bytes);
  LentMemory memory = take_spare(size);
  if (!memory) memory = make(size);
  BufferDeleter deleter{device()};
  deleter.pool = shared_from_this();
  deleter.memory = memory;
  deleter.bytes = size;
  Buffer buffer(memory.get(), std::move(deleter));
  const std::lock_guard lock(mutex_);
  if (taken_ != nullptr) taken_->push_back(std::move(memory));
  return buffer;
}

LentMemory BufferPool::take_spare(int64_t size) {
  const std::lock_guard lock(mutex_);
  std::vector<Spare>& spare = spare_[size];
  if (spare.empty()) {
    spare.reserve(++made_[size]);  // a place for the return of every one, which must not fail
    return nullptr;
  }
  LentMemory memory = std::move(spare.back().memory);
  spare.pop_back();
  return memory;
}

LentMemory BufferPool::part_of_a_piece(int64_t size) {
  const std::lock_guard lock(mutex_);
  if (size > piece_left_) {
    piece_ = allocate({}, piece_bytes);
    piece_left_ = piece_bytes;
  }
  piece_left_ -= size;
  char* const part = static_cast<char*>(piece_.get()) + piece_left_;
  return {part, [piece = piece_](void*) {}};  // the piece goes with its last part
}

LentMemory BufferPool::allocate_one(int64_t size) {
  if (peer_.kind == DeviceKind::cpu && size <= most_in_a_piece) return part_of_a_piece(size);
  return kind_ == Kind::device ? allocate(peer_, size) : allocate_for_copies(peer_, size);
}

/// New memory. The lock is free meanwhile: what is freed for it may come from this pool.
LentMemory BufferPool::make(int64_t size) {
  LentMemory memory;
  try {
    try {
      memory = allocate_one(size);
    } catch (const OutOfMemory&) {
      std::unique_lock lock(mutex_);
      ++shortages_;
      const std::function<void()> free_more = free_more_;
      lock.unlock();
      if (free_more) free_more();
      if (trim(0) == 0) throw;
      memory = allocate_one(size);
    }
  } catch (...) {
    const std::lock_guard lock(mutex_);
    --made_[size];
    throw;
  }
  const std::lock_guard lock(mutex_);
  ++allocations_;
  return memory;
}

int64_t BufferPool::trim(int64_t most) {
  std::vector<LentMemory> freed;  // after the lock: a GPU is waited for
  const std::lock_guard lock(mutex_);
  std::vector<std::pair<int64_t, int64_t>> oldest;  // since when, size
  int64_t bytes = 0, less = 0;
  for (const auto& [size, spare] : spare_) {
    for (const Spare& one : spare) {
      if (!is_free(one.memory)) continue;
      oldest.emplace_back(one.since, size);
      bytes += size;
    }
  }
  if (bytes <= most) return 0;
  std::ranges::sort(oldest);
  for (const auto& [since, size] : oldest) {
    if (bytes - less <= most) break;
    std::vector<Spare>& spare = spare_[size];
    const auto found = std::ranges::find(spare, since, &Spare::since);
    freed.push_back(std::move(found->memory));
    spare.erase(found);
    --made_[size];
    less += size;
  }
  return less;
}

std::vector<LentMemory> BufferPool::taken_by(const std::function<void()>& body) {
  std::vector<LentMemory> taken;
  const auto note_in = [this](std::vector<LentMemory>* list) {
    const std::lock_guard lock(mutex_);
    taken_ = list;
  };
  note_in(&taken);
  try {
    body();
  } catch (...) {
    note_in(nullptr);
    throw;
  }
  note_in(nullptr);
  std::ranges::sort(taken);
  taken.erase(std::unique(taken.begin(), taken.end()), taken.end());
  return taken;
}

void BufferPool::give_back(LentMemory memory, int64_t bytes) noexcept {
  const std::lock_guard lock(mutex_);
  spare_.find(bytes)->second.push_back({std::move(memory), ++returns_});
}

}  // namespace hdecomp
