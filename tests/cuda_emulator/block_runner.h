/// Runs the blocks of a grid one after another, each block's threads as fibers of the calling OS
/// thread, warp by warp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "cuda_emulator/device_language.h"
#include "cuda_emulator/shared_region.h"
#include "driver_types.h"
#include "fiber.h"
#include "ordering.h"

namespace emulator {

struct KernelRun {
  const void* kernel;  // names it in faults
  dim3 grid;
  dim3 block;
  size_t dynamic_shared_bytes;
  size_t static_shared_limit;  // what is left for static arrays
};

/// What a run came to. `status` is cudaErrorInvalidValue if the static arrays went over the limit,
/// and cudaErrorLaunchFailure if there was another fault, which is reported then.
struct KernelOutcome {
  cudaError_t status = cudaSuccess;
  size_t static_shared_bytes = 0;  // that a block used
};

class BlockRunner {
 public:
  /// The calling OS thread's.
  static BlockRunner& mine();
  /// The one whose kernel is running on this OS thread. Throws std::logic_error outside of kernels:
  /// host code called something that only device code may.
  static BlockRunner& in_kernel();

  /// After a fault the rest of the grid is not run.
  KernelOutcome run(const KernelRun& run, const std::function<void()>& body);

  // For device code, which runs inside of run().
  uint64_t meet_warp(const WarpPost& post, Place place);
  void meet_block(Place place);
  /// Reports the fault and leaves the kernel by throwing KernelAbandoned.
  [[noreturn]] void fault(const std::string& what, Place place);
  uint32_t living_lanes() const;
  /// The running thread, counted through the block with x fastest.
  unsigned int thread() const { return thread_; }
  std::string thread_name(unsigned int thread) const;
  const Ordering& ordering() const { return ordering_; }
  /// Counts a static array that the block uses for the first time.
  void count_static_shared(size_t bytes, Place place);
  DynamicShared dynamic_shared(size_t alignment, size_t offset, Place place);

 private:
  struct Thread {
    uint3 index{};
    Fiber* fiber = nullptr;  // while it waits
    WarpPost post;
    uint64_t result = 0;
    Place place;  // where it waits
  };
  struct Warp {
    uint32_t existing = 0;  // a bit per lane, here and below
    uint32_t ready = 0;     // lanes that waited and may go on
    uint32_t at_warp = 0;   // lanes that wait at a call of the warp
    uint32_t at_block = 0;  // lanes that wait for the block
    uint32_t returned = 0;
  };

  void prepare(const KernelRun& run);
  void run_block();
  void run_warp(unsigned int warp);
  static Fiber* run_threads();
  void run_thread();
  Fiber* choose_next();
  void wait(Place place);
  bool open_block_barrier();
  void report_standstill();
  void give_up_block();
  bool all_came(const WarpPost& post, unsigned int warp, uint32_t wanted) const;
  void finish_meeting(unsigned int warp, uint32_t wanted);
  void report(const std::string& who, const std::string& what);
  Fiber* take_idle();

  const KernelRun* run_ = nullptr;
  const std::function<void()>* body_ = nullptr;
  KernelOutcome outcome_;
  bool abandoned_ = false;

  unsigned int thread_ = 0;  // the running one
  Fiber* fiber_ = nullptr;   // the running one
  unsigned int warp_ = 0;    // the only one whose threads run now
  unsigned int next_ = 0;    // the first thread not started
  unsigned int limit_ = 0;   // threads below it may start now
  unsigned int count_ = 0;
  unsigned int living_ = 0;
  unsigned int at_block_ = 0;
  Place barrier_;  // where the first thread waits for the block
  unsigned int first_at_barrier_ = 0;
  std::vector<Thread> threads_;
  std::vector<Warp> warps_;

  Ordering ordering_;
  size_t static_shared_bytes_ = 0;  // that the running block used so far
  std::vector<float4> dynamic_shared_;
  SharedRegion dynamic_words_{0, 0};
  SharedRegion dynamic_bytes_{0, 0};

  std::vector<std::unique_ptr<Fiber>> fibers_;
  std::vector<Fiber*> idle_;
};

/// Thrown by a fault to unwind the thread that has it.
struct KernelAbandoned {};

/// "x.cu:12"
std::string place_text(const Place& place);
bool same_place(const Place& a, const Place& b);

}  // namespace emulator
