/// The largest magnitude in each of many arrays: how near to its end a number's type is used.
#pragma once

#include "kernels/core/context.h"
#include "kernels/core/tensor.h"

namespace hdecomp {

/// `elements` floats on the context's device.
struct FloatArray {
  const float* data = nullptr;
  int64_t elements = 0;
};

/// magnitudes[i] = max |x| over the array sources[i], 0 for none; NaN if one of them is. Both
/// tensors, (n), lie on the context's device.
void largest_magnitudes(const Context& context, const TensorOf<FloatArray>& sources,
                        Tensor& magnitudes);

namespace cpu {
void largest_magnitudes(const Context&, const TensorOf<FloatArray>& sources, Tensor& magnitudes);
}
namespace cuda {
void largest_magnitudes(const Context&, const TensorOf<FloatArray>& sources, Tensor& magnitudes);
}

}  // namespace hdecomp
