/// A sequence of ops recorded once and replayed often: on CUDA a graph, launched as one.
#pragma once

#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "kernels/core/buffer_pool.h"
#include "kernels/core/context.h"

namespace hdecomp {

class Recording {
 public:
  virtual ~Recording() = default;
  /// Runs the recorded ops on the same memory; asynchronous as they are.
  virtual void replay() = 0;
  /// Memory that the ops name and no one else may keep: it lives as long as the recording.
  void own(std::vector<LentMemory> memory) { memory_ = std::move(memory); }

 private:
  std::vector<LentMemory> memory_;
};

/// Records the ops that `body` calls, without running them (on the CPU replay() calls `body`
/// itself). `body` must take no new device memory, wait for nothing, and have run once before, so
/// that all plans are made. What it takes from `pool`, if one is given, the recording owns, and an
/// op's scratch memory too; other memory and the context must outlive the recording.
std::unique_ptr<Recording> record(const Context& context, std::function<void()> body,
                                  BufferPool* pool = nullptr);

}  // namespace hdecomp
