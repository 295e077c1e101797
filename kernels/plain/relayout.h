/// Numbers brought from one layout to another.
#pragma once

#include "kernels/plain/memory.h"

namespace hdecomp::plain {

/// All numbers of `from`, which lie as `in` says, to where `out` says; what fills up a block of
/// `out` becomes zero. Both have the same extents. On `threads` threads.
void relayout(const dnnl::memory::desc& in, const float* from, const dnnl::memory::desc& out,
              float* to, int threads);

}  // namespace hdecomp::plain
