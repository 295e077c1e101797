/// Times single runs of an op: on a GPU by CUDA events with an emptied L2 cache, on the CPU by the
/// wall clock with the caches as they are.
#pragma once

#include <functional>
#include <memory>

#include "kernels/core/context.h"

namespace hdecomp {

class OpTimer {
 public:
  virtual ~OpTimer() = default;
  /// Seconds of one run of `op`.
  virtual double seconds(const std::function<void()>& op) = 0;
};

/// The context must outlive it.
std::unique_ptr<OpTimer> make_op_timer(const Context& context);

namespace cuda {
std::unique_ptr<OpTimer> make_op_timer(const Context& context);
}

}  // namespace hdecomp
