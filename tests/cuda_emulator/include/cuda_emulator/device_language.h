/// CUDA's words and built-in variables for device code, and its calls that let threads of a block
/// wait for each other, as C++ for the CPU.
///
/// Barriers, votes and shuffles know their place in the source: threads that meet at one barrier
/// must have come to the same line.
#pragma once

#include <bit>
#include <concepts>
#include <cstdint>
#include <source_location>

#include "vector_types.h"

#define __global__
#define __device__
#define __host__
#define __constant__
#define __grid_constant__
#define __shared__ static thread_local
#define __launch_bounds__(...)
#define __align__(n) __attribute__((aligned(n)))
#define __forceinline__ __inline__ __attribute__((always_inline))

extern thread_local constinit uint3 threadIdx;
extern thread_local constinit uint3 blockIdx;
extern thread_local constinit dim3 blockDim;
extern thread_local constinit dim3 gridDim;
extern const int warpSize;

namespace emulator {

using Place = std::source_location;

enum class WarpCall { sync, vote, shuffle };

/// What a lane brings to a call of its warp: all lanes named in `mask` meet.
struct WarpPost {
  WarpCall call = WarpCall::sync;
  unsigned int mask = 0;
  unsigned int source = 0;  // the lane whose bits a shuffle asks for, 0..31
  uint64_t bits = 0;        // the value given; for votes 0 or 1
};

/// Waits for the lanes of the mask. Returns the source lane's bits (shuffle) or a bit per lane
/// (vote).
uint64_t meet_warp(const WarpPost& post, Place place);
void meet_block(Place place);
/// Reports the fault and abandons the running kernel.
[[noreturn]] void device_fault(const char* what, Place place);
/// The calling thread's lane, 0..31.
unsigned int lane_index();
/// A bit per lane of the calling warp that has not returned.
unsigned int living_lanes();

template <class T>
concept Shuffled = std::same_as<T, int> || std::same_as<T, unsigned int> || std::same_as<T, long> ||
    std::same_as<T, unsigned long> || std::same_as<T, long long> ||
    std::same_as<T, unsigned long long> || std::same_as<T, float> || std::same_as<T, double>;

/// Checks that a shuffle's width is 1, 2, 4, 8, 16 or 32.
inline unsigned int checked_width(int width, Place place) {
  if (width < 1 || width > 32 || !std::has_single_bit(static_cast<unsigned int>(width))) {
    device_fault("a shuffle's width is not a power of two from 1 to 32", place);
  }
  return static_cast<unsigned int>(width);
}

template <Shuffled T>
T shuffle(unsigned int mask, T value, unsigned int source, Place place) {
  WarpPost post{WarpCall::shuffle, mask, source, 0};
  if constexpr (sizeof(T) == 8) {
    post.bits = std::bit_cast<uint64_t>(value);
    return std::bit_cast<T>(meet_warp(post, place));
  } else {
    post.bits = std::bit_cast<uint32_t>(value);
    return std::bit_cast<T>(static_cast<uint32_t>(meet_warp(post, place)));
  }
}

inline unsigned int vote(unsigned int mask, int predicate, Place place) {
  const WarpPost post{WarpCall::vote, mask, 0, predicate != 0 ? 1u : 0u};
  return static_cast<unsigned int>(meet_warp(post, place));
}

}  // namespace emulator

inline void __syncthreads(emulator::Place place = emulator::Place::current()) {
  emulator::meet_block(place);
}
inline void __syncwarp(unsigned int mask = 0xffffffffu,
                       emulator::Place place = emulator::Place::current()) {
  emulator::meet_warp({emulator::WarpCall::sync, mask, 0, 0}, place);
}
/// Fences order nothing that the emulator could reorder: its threads run one at a time.
inline void __threadfence() {}
inline void __threadfence_block() {}
[[noreturn]] inline void __trap(emulator::Place place = emulator::Place::current()) {
  emulator::device_fault("__trap", place);
}

template <emulator::Shuffled T>
T __shfl_sync(unsigned int mask, T value, int lane, int width = 32,
              emulator::Place place = emulator::Place::current()) {
  const unsigned int group = emulator::checked_width(width, place);
  const unsigned int first = emulator::lane_index() & ~(group - 1);
  return emulator::shuffle(mask, value, first + (static_cast<unsigned int>(lane) & (group - 1)),
                           place);
}
template <emulator::Shuffled T>
T __shfl_up_sync(unsigned int mask, T value, unsigned int delta, int width = 32,
                 emulator::Place place = emulator::Place::current()) {
  const unsigned int group = emulator::checked_width(width, place);
  const unsigned int lane = emulator::lane_index();
  const unsigned int within = lane & (group - 1);
  return emulator::shuffle(mask, value, delta <= within ? lane - delta : lane, place);
}
template <emulator::Shuffled T>
T __shfl_down_sync(unsigned int mask, T value, unsigned int delta, int width = 32,
                   emulator::Place place = emulator::Place::current()) {
  const unsigned int group = emulator::checked_width(width, place);
  const unsigned int lane = emulator::lane_index();
  const unsigned int within = lane & (group - 1);
  return emulator::shuffle(mask, value, delta < group - within ? lane + delta : lane, place);
}
template <emulator::Shuffled T>
T __shfl_xor_sync(unsigned int mask, T value, int lane_mask, int width = 32,
                  emulator::Place place = emulator::Place::current()) {
  const unsigned int group = emulator::checked_width(width, place);
  const unsigned int lane = emulator::lane_index();
  const unsigned int source = lane ^ static_cast<unsigned int>(lane_mask);
  const unsigned int last = lane | (group - 1);
  return emulator::shuffle(mask, value, source <= last ? source : lane, place);
}

inline unsigned int __ballot_sync(unsigned int mask, int predicate,
                                  emulator::Place place = emulator::Place::current()) {
  return emulator::vote(mask, predicate, place);
}
inline int __any_sync(unsigned int mask, int predicate,
                      emulator::Place place = emulator::Place::current()) {
  return emulator::vote(mask, predicate, place) != 0;
}
inline int __all_sync(unsigned int mask, int predicate,
                      emulator::Place place = emulator::Place::current()) {
  return emulator::vote(mask, predicate == 0, place) == 0;
}
/// The lanes that have not returned: lanes in another branch count too, which a GPU leaves out.
inline unsigned int __activemask() { return emulator::living_lanes(); }
