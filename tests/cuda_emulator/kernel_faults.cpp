/// How a kernel's faults are put into words, and the shared memory that a block may use.
#include <cstring>
#include <map>

#include "block_runner.h"
#include "cuda_emulator.h"
#include "hdecomp/error.h"
#include "symbol_name.h"

namespace emulator {
namespace {

using hdecomp::joined;

std::string triple(const uint3& index) {
  return joined("(", index.x, ", ", index.y, ", ", index.z, ")");
}

constexpr size_t kWordBytes = 4;

}  // namespace

std::string place_text(const Place& place) {
  const char* slash = std::strrchr(place.file_name(), '/');
  return joined(slash != nullptr ? slash + 1 : place.file_name(), ":", place.line());
}

bool same_place(const Place& a, const Place& b) {
  if (a.line() != b.line() || a.column() != b.column()) return false;
  return a.file_name() == b.file_name() || std::strcmp(a.file_name(), b.file_name()) == 0;
}

std::string BlockRunner::thread_name(unsigned int thread) const {
  return triple(threads_[thread].index);
}

void BlockRunner::report(const std::string& who, const std::string& what) {
  report_fault(joined("kernel ", symbol_name(run_->kernel), ", block ", triple(blockIdx), ", ", who,
                      ": ", what));
  outcome_.status = cudaErrorLaunchFailure;
  abandoned_ = true;
}

void BlockRunner::fault(const std::string& what, Place place) {
  const std::string at = place.line() == 0 ? "" : joined(" (", place_text(place), ")");
  report("thread " + thread_name(thread_), what + at);
  throw KernelAbandoned();
}

/// Every thread that has not returned waits, and no barrier can open.
void BlockRunner::report_standstill() {
  struct Group {
    unsigned int first = 0;
    unsigned int size = 0;
  };
  std::map<std::string, Group> groups;
  for (unsigned int thread = 0; thread < count_; ++thread) {
    const Warp& warp = warps_[thread / 32];
    if ((warp.returned >> thread % 32 & 1) != 0) continue;
    const bool at_block = (warp.at_block >> thread % 32 & 1) != 0;
    std::ostringstream where;
    where << (at_block ? "__syncthreads" : "a call of its warp");
    if (!at_block) where << " with mask 0x" << std::hex << threads_[thread].post.mask;
    where << " (" << place_text(threads_[thread].place) << ")";
    Group& group = groups[where.str()];
    if (group.size++ == 0) group.first = thread;
  }
  std::string line;
  for (const auto& [where, group] : groups) {
    line += joined(line.empty() ? "" : "; ", group.size, " from thread ", thread_name(group.first),
                   " on wait at ", where);
  }
  const unsigned int returned = count_ - living_;
  if (returned > 0) line += joined("; ", returned, " have returned");
  report("all threads", "they wait for each other for ever: " + line);
}

void BlockRunner::count_static_shared(size_t bytes, Place) {
  static_shared_bytes_ += bytes;
  if (static_shared_bytes_ <= run_->static_shared_limit) return;
  outcome_.static_shared_bytes = static_shared_bytes_;
  outcome_.status = cudaErrorInvalidValue;
  abandoned_ = true;
  throw KernelAbandoned();
}

DynamicShared BlockRunner::dynamic_shared(size_t alignment, size_t offset, Place place) {
  const size_t bytes = run_->dynamic_shared_bytes;
  if (offset > bytes) {
    fault(joined("dynamic shared memory from byte ", offset, " on, but there are ", bytes), place);
  }
  if (offset % alignment != 0) {
    fault(joined("dynamic shared memory from byte ", offset, " on, which is no multiple of ",
                 alignment),
          place);
  }
  const bool words = alignment % kWordBytes == 0;
  SharedRegion& region = words ? dynamic_words_ : dynamic_bytes_;
  const size_t cell_bytes = words ? kWordBytes : 1;
  region.grow((bytes + cell_bytes - 1) / cell_bytes);
  return {reinterpret_cast<std::byte*>(dynamic_shared_.data()) + offset, bytes - offset, &region,
          offset / cell_bytes, cell_bytes};
}

size_t checked_index(long long index, size_t size, std::source_location place) {
  if (index < 0 || static_cast<unsigned long long>(index) >= size) {
    BlockRunner::in_kernel().fault(
        joined("index ", index, " of a shared array of ", size, " elements"), place);
  }
  return static_cast<size_t>(index);
}

void check_alignment(size_t index, std::source_location place) {
  if (index % 4 == 0) return;
  BlockRunner::in_kernel().fault(
      joined("a 16-byte access at index ", index, ", which is no multiple of 4"), place);
}

DynamicShared dynamic_shared_memory(size_t alignment, size_t offset, std::source_location place) {
  return BlockRunner::in_kernel().dynamic_shared(alignment, offset, place);
}

}  // namespace emulator
