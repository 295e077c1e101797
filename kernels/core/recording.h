/// A sequence of ops recorded once and replayed often: on CUDA a graph, launched as one.
#pragma once

#include <functional>
#include <memory>

#include "kernels/core/context.h"

namespace hdecomp {

class Recording {
 public:
  virtual ~Recording() = default;
  /// Runs the recorded ops on the same memory; asynchronous as they are.
  virtual void replay() = 0;
};

/// Records the ops that `body` calls, without running them (on the CPU replay() calls `body`
/// itself). `body` must take no new device memory, wait for nothing, and have run once before, so
/// that all plans are made. Its memory and the context must outlive the recording.
std::unique_ptr<Recording> record(const Context& context, std::function<void()> body);

}  // namespace hdecomp
