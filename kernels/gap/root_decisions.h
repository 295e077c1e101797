/// A batch's class scores as the decisions that its trees begin with: one per image.
#pragma once

#include "kernels/core/context.h"
#include "kernels/core/tensor.h"
#include "kernels/window/window_batch.h"

namespace hdecomp {

/// `roots` (B): of each of the first `images` images its class with the largest of `scores` (B, K),
/// ties to the lower class, or class `asked` where that is not negative; image -1 where that score
/// is not positive (Eq. 1), and for the images behind. A NaN is never the largest.
void root_decisions(const Context& context, const Tensor& scores, int64_t asked, int64_t images,
                    PlaceTensor& roots);

namespace cpu {
void root_decisions(const Context&, const Tensor& scores, int64_t asked, int64_t images,
                    PlaceTensor& roots);
}
namespace cuda {
void root_decisions(const Context&, const Tensor& scores, int64_t asked, int64_t images,
                    PlaceTensor& roots);
}

}  // namespace hdecomp
