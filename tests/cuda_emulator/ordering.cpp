/// Bookkeeping of barriers, and the check of each access to shared memory against it.
#include "ordering.h"

#include "block_runner.h"
#include "hdecomp/error.h"

namespace emulator {

using hdecomp::joined;

void Ordering::warp_barrier(unsigned int warp, uint32_t joined, uint32_t existing) {
  ++time_;
  Warp& own = warps_[warp];
  if (joined == existing) {
    own.together = time_;
    return;
  }
  own.pairs.resize(32 * 32);
  for (unsigned int a = 0; a < 32; ++a) {
    for (unsigned int b = 0; b < 32; ++b) {
      if ((joined >> a & joined >> b & 1) != 0) own.pairs[a * 32 + b] = time_;
    }
  }
}

bool Ordering::ordered(const Stamp& past, unsigned int thread) const {
  if (past.time < phase_start_ || past.thread == thread) return true;
  const unsigned int warp = thread / 32;
  if (past.thread / 32 != warp) return false;
  const Warp& own = warps_[warp];
  if (past.time < own.together) return true;
  return !own.pairs.empty() && past.time < own.pairs[past.thread % 32 * 32 + thread % 32];
}

void SharedRegion::grow(size_t cells) {
  if (cells_.size() < cells) cells_.resize(cells);
}

void SharedRegion::check(Access access, size_t first, size_t count, std::source_location place) {
  BlockRunner& runner = BlockRunner::in_kernel();
  const Ordering& order = runner.ordering();
  const unsigned int thread = runner.thread();
  if (seen_ != order.block_start()) {
    seen_ = order.block_start();
    runner.count_static_shared(bytes_, place);
  }
  for (size_t i = first; i < first + count; ++i) {
    Cell& cell = cells_[i];
    const auto refuse = [&](const char* what, const Stamp& past) {
      runner.fault(joined("a race in shared memory at cell ", i, ": ", what, " by thread ",
                          runner.thread_name(past.thread), " with no barrier between"),
                   place);
    };
    if (access != Access::write && !order.of_this_block(cell.write)) {
      runner.fault(joined("reads cell ", i, " of shared memory, which the block has not written"),
                   place);
    }
    if (!(access == Access::atomic && cell.write.atomic) && !order.ordered(cell.write, thread)) {
      refuse(access == Access::read ? "reads after a write" : "writes after a write", cell.write);
    }
    if (access == Access::read) {
      const bool another = cell.read.thread != thread;
      const bool keep = !order.ordered(cell.other, cell.read.thread) &&
                        cell.other.thread / 32 != thread / 32 &&
                        cell.read.thread / 32 == thread / 32;
      if (another && !keep) cell.other = cell.read;
      cell.read = order.now(thread);
      continue;
    }
    if (!order.ordered(cell.read, thread)) refuse("writes after a read", cell.read);
    if (!order.ordered(cell.other, thread)) refuse("writes after a read", cell.other);
    cell.write = order.now(thread);
    cell.write.atomic = access == Access::atomic;
  }
}

}  // namespace emulator
