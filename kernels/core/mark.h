/// A point in the order of a context's ops, that the host waits for without waiting for what was
/// called later, and times from.
#pragma once

#include <memory>

#include "kernels/core/context.h"

namespace hdecomp {

class Mark {
 public:
  virtual ~Mark() = default;
  /// Until all ops called before are done. Throws Error if one failed.
  virtual void wait() const = 0;
  /// Milliseconds from an earlier mark of the same context to this one, both waited for: on a GPU
  /// its own, on the CPU the wall clock's.
  virtual double ms_since(const Mark& earlier) const = 0;
};

/// A mark behind all ops called so far. The context must outlive it.
std::unique_ptr<Mark> mark(const Context& context);

}  // namespace hdecomp
