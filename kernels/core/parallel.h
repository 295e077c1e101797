/// The parallel loop of the CPU ops.
#pragma once

#include <cstdint>
#include <exception>
#include <vector>

#include "kernels/core/context.h"
#include "kernels/core/waiting.h"

namespace hdecomp {

/// Calls body(i) for i in [0, n) on the context's threads. What a body computes must not depend on
/// which thread runs it, so results are the same for any thread count. `body` must not throw.
template <class Body>
void parallel_for(const Context& context, int64_t n, Body&& body) {
  // Handed out in pieces: tasks differ in size, and a core may be busy with something else.
  const int64_t piece = n / (16 * context.threads()) + 1;
  const int threads = threads_now(context.threads());
#pragma omp parallel for schedule(dynamic, piece) num_threads(threads)
  for (int64_t i = 0; i < n; ++i) body(i);
}

/// The same for tasks that are alike and lie side by side in memory: each thread takes one run of
/// neighbours, in every op the same part of a map, which its cache may still hold.
template <class Body>
void parallel_runs(const Context& context, int64_t n, Body&& body) {
  const int threads = threads_now(context.threads());
#pragma omp parallel for schedule(static) num_threads(threads)
  for (int64_t i = 0; i < n; ++i) body(i);
}

/// The same for bodies that may throw: all are called, then the fault of the lowest i is rethrown.
/// Fewer than `worth` are called one after another: they take no longer than waking the threads.
template <class Body>
void parallel_tasks(const Context& context, int64_t n, int64_t worth, Body&& body) {
  if (n < worth) {
    for (int64_t i = 0; i < n; ++i) body(i);
    return;
  }
  std::vector<std::exception_ptr> faults(n);
  parallel_for(context, n, [&](int64_t i) {
    try {
      body(i);
    } catch (...) {
      faults[i] = std::current_exception();
    }
  });
  for (const std::exception_ptr& fault : faults) {
    if (fault) std::rethrow_exception(fault);
  }
}

}  // namespace hdecomp
