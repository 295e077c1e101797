/// The scheduler of a block's threads: starts them, resumes those that may go on, opens the block's
/// barriers.
#include "block_runner.h"

#include <algorithm>
#include <bit>
#include <exception>
#include <stdexcept>
#include <utility>

#include "hdecomp/error.h"

thread_local constinit uint3 threadIdx{};
thread_local constinit uint3 blockIdx{};
thread_local constinit dim3 blockDim{};
thread_local constinit dim3 gridDim{};
const int warpSize = 32;

namespace emulator {
namespace {

thread_local constinit BlockRunner* running = nullptr;

struct RunningScope {
  explicit RunningScope(BlockRunner* runner) { running = runner; }
  ~RunningScope() { running = nullptr; }
};

}  // namespace

BlockRunner& BlockRunner::mine() {
  thread_local BlockRunner runner;
  return runner;
}

BlockRunner& BlockRunner::in_kernel() {
  if (running == nullptr) throw std::logic_error("device code called outside of a kernel");
  return *running;
}

KernelOutcome BlockRunner::run(const KernelRun& run, const std::function<void()>& body) {
  if (running != nullptr) throw std::logic_error("a kernel was launched from inside a kernel");
  run_ = &run;
  body_ = &body;
  const RunningScope scope(this);
  outcome_ = {};
  abandoned_ = false;
  prepare(run);
  for (unsigned int z = 0; z < run.grid.z; ++z) {
    for (unsigned int y = 0; y < run.grid.y; ++y) {
      for (unsigned int x = 0; x < run.grid.x && !abandoned_; ++x) {
        blockIdx = {x, y, z};
        run_block();
      }
    }
  }
  return outcome_;
}

void BlockRunner::prepare(const KernelRun& run) {
  gridDim = run.grid;
  blockDim = run.block;
  count_ = run.block.x * run.block.y * run.block.z;
  threads_.resize(count_);
  warps_.assign((count_ + 31) / 32, {});
  for (unsigned int t = 0; t < count_; ++t) {
    threads_[t].index = {t % run.block.x, t / run.block.x % run.block.y,
                         t / run.block.x / run.block.y};
    warps_[t / 32].existing |= 1u << t % 32;
  }
  dynamic_shared_.resize((run.dynamic_shared_bytes + 15) / 16);
}

void BlockRunner::run_block() {
  for (Warp& warp : warps_) warp = {.existing = warp.existing};
  next_ = 0;
  living_ = count_;
  at_block_ = 0;
  static_shared_bytes_ = 0;
  ordering_.start_block();
  while (living_ > 0 && !abandoned_) {
    for (unsigned int warp = 0; warp < warps_.size() && !abandoned_; ++warp) run_warp(warp);
    if (living_ > 0 && !abandoned_ && !open_block_barrier()) report_standstill();
  }
  outcome_.static_shared_bytes = std::max(outcome_.static_shared_bytes, static_shared_bytes_);
  if (abandoned_) give_up_block();
}

/// Until each of its threads has returned or waits for others.
void BlockRunner::run_warp(unsigned int warp) {
  warp_ = warp;
  limit_ = std::min(count_, warp * 32 + 32);
  Fiber* next = choose_next();
  if (next != nullptr) next->enter();
}

/// The fiber to go on with: one that starts new threads of the warp, one that waited, or null if no
/// thread of the warp can run now.
Fiber* BlockRunner::choose_next() {
  if (abandoned_) return nullptr;
  if (next_ < limit_) return fiber_ = take_idle();
  Warp& warp = warps_[warp_];
  if (warp.ready == 0) return nullptr;
  const auto lane = static_cast<unsigned int>(std::countr_zero(warp.ready));
  warp.ready &= warp.ready - 1;
  thread_ = warp_ * 32 + lane;
  threadIdx = threads_[thread_].index;
  return fiber_ = threads_[thread_].fiber;
}

/// A fiber's work: starts threads one after another on its stack. When one has to wait, control
/// goes to another fiber in the middle of it.
Fiber* BlockRunner::run_threads() {
  BlockRunner& runner = *running;
  while (runner.next_ < runner.limit_) runner.run_thread();
  runner.idle_.push_back(runner.fiber_);
  return runner.choose_next();
}

/// Starts the next thread. When this returns, that thread has.
void BlockRunner::run_thread() {
  const unsigned int thread = thread_ = next_++;
  threadIdx = threads_[thread].index;
  try {
    (*body_)();
  } catch (const KernelAbandoned&) {
  } catch (const std::exception& exception) {
    report("thread " + thread_name(thread), hdecomp::joined("throws '", exception.what(), "'"));
  }
  if (abandoned_) fiber_->abandon();
  warps_[thread / 32].returned |= 1u << thread % 32;
  --living_;
}

Fiber* BlockRunner::take_idle() {
  if (idle_.empty()) {
    fibers_.push_back(std::make_unique<Fiber>(fibers_.size(), &BlockRunner::run_threads));
    return fibers_.back().get();
  }
  Fiber* fiber = idle_.back();
  idle_.pop_back();
  return fiber;
}

void BlockRunner::wait(Place place) {
  Thread& own = threads_[thread_];
  own.place = place;
  own.fiber = fiber_;
  own.fiber->pass_to(choose_next());
}

void BlockRunner::meet_block(Place place) {
  if (at_block_ == 0) {
    barrier_ = place;
    first_at_barrier_ = thread_;
  } else if (!same_place(barrier_, place)) {
    fault("threads of one block are at different barriers: thread " +
              thread_name(first_at_barrier_) + " waits at " + place_text(barrier_),
          place);
  }
  ++at_block_;
  warps_[warp_].at_block |= 1u << thread_ % 32;
  wait(place);
}

/// False if some living thread is not at the barrier.
bool BlockRunner::open_block_barrier() {
  if (at_block_ != living_) return false;
  for (Warp& warp : warps_) warp.ready = std::exchange(warp.at_block, 0);
  at_block_ = 0;
  ordering_.block_barrier();
  return true;
}

void BlockRunner::give_up_block() {
  idle_.clear();
  for (const auto& fiber : fibers_) {
    if (!fiber->idle()) fiber->reset();
    idle_.push_back(fiber.get());
  }
}

}  // namespace emulator
