/// Which accesses of a block's threads are ordered by barriers, and which are not.
#pragma once

#include <cstdint>
#include <vector>

#include "cuda_emulator/shared_region.h"

namespace emulator {

/// Time is a count of the barriers passed, of the block or of a warp. An access at time t happens
/// before all that its thread's partners do after a barrier numbered above t.
class Ordering {
 public:
  Ordering() : warps_(32) {}

  void start_block() { block_start_ = phase_start_ = ++time_; }
  void block_barrier() { phase_start_ = ++time_; }
  /// A barrier of the lanes `joined` of a warp of which the lanes `existing` are there.
  void warp_barrier(unsigned int warp, uint32_t joined, uint32_t existing);

  uint64_t block_start() const { return block_start_; }
  Stamp now(unsigned int thread) const { return {time_, thread, false}; }
  /// Whether the running block made this access.
  bool of_this_block(const Stamp& past) const { return past.time >= block_start_; }
  /// Whether what happened then is over, and visible, for this thread.
  bool ordered(const Stamp& past, unsigned int thread) const;

 private:
  struct Warp {
    uint64_t together = 0;        // the latest barrier of all its lanes
    std::vector<uint64_t> pairs;  // (32, 32) the latest barrier that joined two lanes
  };
  uint64_t time_ = 0;
  uint64_t block_start_ = 0;
  uint64_t phase_start_ = 0;
  std::vector<Warp> warps_;
};

}  // namespace emulator
