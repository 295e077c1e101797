/// Times ops: on a GPU by CUDA events, alone after the L2 cache was emptied or one behind the
/// other; on the CPU by the wall clock with the caches as they are.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "kernels/core/context.h"

namespace hdecomp {

class OpTimer {
 public:
  using Op = std::function<void()>;
  virtual ~OpTimer() = default;
  /// Seconds of one run of `op` alone: its latency.
  virtual double seconds(const Op& op) = 0;
  /// Seconds that each of `ops` takes on average where they run again and again, one behind the
  /// other: of an op's own bytes all are paid for and no others, if its data are gone from the
  /// caches when its turn comes again.
  virtual double seconds_each(const std::vector<Op>& ops) = 0;
};

/// The context must outlive it.
std::unique_ptr<OpTimer> make_op_timer(const Context& context);

namespace cuda {
std::unique_ptr<OpTimer> make_op_timer(const Context& context);
}

}  // namespace hdecomp
