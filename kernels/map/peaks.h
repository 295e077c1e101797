/// The largest magnitude in each of many arrays: how near to its end a number's type is used.
#pragma once

#include "kernels/core/context.h"
#include "kernels/core/tensor.h"

namespace hdecomp {

/// `elements` floats on the context's device.
struct PeakSource {
  const float* data = nullptr;
  int64_t elements = 0;
};

/// peaks[i] = max |x| over the array sources[i], 0 for none; NaN if one of them is. Both tensors,
/// (n), lie on the context's device.
void find_peaks(const Context& context, const TensorOf<PeakSource>& sources, Tensor& peaks);

namespace cpu {
void find_peaks(const Context&, const TensorOf<PeakSource>& sources, Tensor& peaks);
}
namespace cuda {
void find_peaks(const Context&, const TensorOf<PeakSource>& sources, Tensor& peaks);
}

}  // namespace hdecomp
