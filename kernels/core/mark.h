/// A point in the order of a context's ops, that the host waits for without waiting for what was
/// called later, and times from.
#pragma once

#include <cstdint>
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
  /// Lets the ops called from now on begin when the mark is reached; the host goes on.
  virtual void hold_ops() const = 0;
};

/// For destructors: waits where there is a mark, and leaves a failure to who asks for the results.
void wait_quietly(const Mark* mark) noexcept;

/// A mark behind all ops called so far. The context must outlive it.
std::unique_ptr<Mark> mark(const Context& context);

/// Copies `bytes` bytes from the context's device to host memory behind all ops called so far,
/// while those called later go on: they must not write to `from` before the mark behind the copy,
/// which is returned.
std::unique_ptr<Mark> copy_aside(const Context& context, const void* from, void* to, int64_t bytes);

}  // namespace hdecomp
