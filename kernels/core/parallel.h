/// The parallel loop of the CPU ops.
#pragma once

#include <cstdint>

#include "kernels/core/context.h"

namespace hdecomp {

/// Calls body(i) for i in [0, n) on the context's threads. What a body computes must not depend on
/// which thread runs it, so results are the same for any thread count. `body` must not throw.
template <class Body>
void parallel_for(const Context& context, int64_t n, Body&& body) {
  // Handed out in pieces: tasks differ in size, and a core may be busy with something else.
  const int64_t piece = n / (16 * context.threads()) + 1;
#pragma omp parallel for schedule(dynamic, piece) num_threads(context.threads())
  for (int64_t i = 0; i < n; ++i) body(i);
}

}  // namespace hdecomp
