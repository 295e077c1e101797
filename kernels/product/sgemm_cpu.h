/// Products by oneDNN's sgemm, many at a time.
#pragma once

#include <atomic>

#include "kernels/core/context_cpu.h"
#include "kernels/core/parallel.h"

namespace hdecomp::cpu {

/// Calls body(i) for i in [0, n) in parallel; it returns its sgemm's status. Left alone, oneDNN
/// splits sums by its thread count: here each sgemm runs on one thread, so the bits are the same
/// for any. Throws Error that begins with `what` if one fails.
template <class Body>
void for_each_sgemm(const Context& context, const char* what, int64_t n, Body&& body) {
  const ThreadScope threads(context.threads());
  std::atomic<dnnl_status_t> status{dnnl_success};
  parallel_for(context, n, [&](int64_t i) {
    omp_set_num_threads(1);  // this task's own setting
    const dnnl_status_t done = body(i);
    if (done != dnnl_success) status = done;
  });
  if (status != dnnl_success) throw Error(joined(what, ": sgemm failed, status ", status));
}

}  // namespace hdecomp::cpu
