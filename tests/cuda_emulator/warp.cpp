/// Calls at which the lanes of a warp meet: __syncwarp, votes and shuffles.
#include <bit>

#include "block_runner.h"
#include "hdecomp/error.h"

namespace emulator {
namespace {

using hdecomp::joined;

int first_lane(uint32_t lanes) { return std::countr_zero(lanes); }

}  // namespace

/// Lanes that a partial warp never had may be named by the mask; a shuffle must not read them.
uint64_t BlockRunner::meet_warp(const WarpPost& post, Place place) {
  const unsigned int own = thread_;
  const unsigned int warp = own / 32;
  Warp& mine = warps_[warp];
  const uint32_t wanted = post.mask & mine.existing;
  if ((wanted >> own % 32 & 1) == 0) {
    fault(joined("the mask does not name the calling lane ", own % 32), place);
  }
  if ((wanted & mine.returned) != 0) {
    fault(
        joined("the mask names lane ", first_lane(wanted & mine.returned), ", which has returned"),
        place);
  }
  if (post.call == WarpCall::shuffle && (wanted >> post.source & 1) == 0) {
    fault(joined("the shuffle reads lane ", post.source, ", which ",
                 (mine.existing >> post.source & 1) == 0 ? "the warp does not have"
                                                         : "the mask does not name"),
          place);
  }
  threads_[own].post = post;
  threads_[own].place = place;
  mine.at_warp |= 1u << own % 32;
  if (all_came(post, warp, wanted)) {
    finish_meeting(warp, wanted);
  } else {
    wait(place);
  }
  return threads_[own].result;
}

bool BlockRunner::all_came(const WarpPost& post, unsigned int warp, uint32_t wanted) const {
  if ((wanted & ~warps_[warp].at_warp) != 0) return false;
  for (uint32_t lanes = wanted; lanes != 0; lanes &= lanes - 1) {
    const WarpPost& other = threads_[warp * 32 + first_lane(lanes)].post;
    if (other.call != post.call || (other.mask & warps_[warp].existing) != wanted) return false;
  }
  return true;
}

/// Hands each lane its result and lets it go on.
void BlockRunner::finish_meeting(unsigned int warp, uint32_t wanted) {
  const unsigned int first = warp * 32;
  const Thread& caller = threads_[thread_];
  uint64_t ballot = 0;
  for (uint32_t lanes = wanted; lanes != 0; lanes &= lanes - 1) {
    const int lane = first_lane(lanes);
    const Thread& thread = threads_[first + lane];
    if (!same_place(thread.place, caller.place)) {
      fault(joined("lanes of one warp meet at different places: lane ", lane, " waits at ",
                   place_text(thread.place)),
            caller.place);
    }
    ballot |= (thread.post.bits & 1) << lane;
  }
  for (uint32_t lanes = wanted; lanes != 0; lanes &= lanes - 1) {
    const unsigned int thread = first + first_lane(lanes);
    const WarpPost& post = threads_[thread].post;
    threads_[thread].result =
        post.call == WarpCall::shuffle ? threads_[first + post.source].post.bits : ballot;
  }
  warps_[warp].at_warp &= ~wanted;
  warps_[warp].ready |= wanted & ~(1u << thread_ % 32);
  if (caller.post.call == WarpCall::sync) {
    ordering_.warp_barrier(warp, wanted, warps_[warp].existing);
  }
}

uint32_t BlockRunner::living_lanes() const {
  const Warp& warp = warps_[thread_ / 32];
  return warp.existing & ~warp.returned;
}

uint64_t meet_warp(const WarpPost& post, Place place) {
  return BlockRunner::in_kernel().meet_warp(post, place);
}
void meet_block(Place place) { BlockRunner::in_kernel().meet_block(place); }
void device_fault(const char* what, Place place) { BlockRunner::in_kernel().fault(what, place); }
unsigned int lane_index() { return BlockRunner::in_kernel().thread() % 32; }
unsigned int living_lanes() { return BlockRunner::in_kernel().living_lanes(); }

}  // namespace emulator
