/// The heart of gAP in one pass over gradient and feature: A = G * F (Eq. 3), each channel's
/// contribution (Eq. 4) and peak (Eq. 5).
#pragma once

#include "kernels/core/context.h"
#include "kernels/core/tensor.h"
#include "kernels/window/window_batch.h"

namespace hdecomp {

/// What one pass finds for D decisions and C channels; every tensor is (D, C).
struct GapResult {
  /// Eq. 4: alpha = (1 / Z) * sum over (y, x) of A, Z = h * w.
  Tensor alpha;
  /// The maximum of A over the map; 0 and position -1 if no A is positive.
  Tensor peak;
  /// Eq. 5: y * w + x of that maximum, the lowest of equals; -1 if there is none.
  IndexTensor position;
  /// Mean and maximum of G over the map: the paper's AG and MG (Table 1).
  Tensor mean_gradient, max_gradient;

  GapResult() = default;
  GapResult(Device device, int64_t decisions, int64_t channels);
};

/// The results of decisions [begin, end), in the same memory.
GapResult rows(GapResult& all, int64_t begin, int64_t end);

/// `gradient` = G, Eq. 2, known inside windows alone; outside, it is zero, and Z, positions and the
/// mean are those of the whole map all the same. `feature` (B, C, h, w) = F, each decision's image.
/// A place without a decision has all zero and position -1.
void gap_reduce(const Context& context, const WindowBatch& gradient, const Tensor& feature,
                GapResult& result);

namespace cpu {
void gap_reduce(const Context&, const WindowBatch&, const Tensor& feature, GapResult&);
}
namespace cuda {
void gap_reduce(const Context&, const WindowBatch&, const Tensor& feature, GapResult&);
}

}  // namespace hdecomp
