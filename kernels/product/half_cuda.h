/// Numbers in the 16-bit type of a context's precision, bf16 or fp16, and back.
#pragma once

#include <cstdint>
#include <memory>

#include "kernels/core/context.h"
#include "kernels/core/tensor.h"
#include "kernels/product/bias_cuda.h"

namespace hdecomp::cuda {

struct NarrowCopy;

inline bool is_narrow(Precision precision) {
  return precision == Precision::bf16 || precision == Precision::fp16;
}

/// Keeps a copy of `weight` in the context's 16-bit type for as long as the result lives, which
/// must not be longer than the weight. Whoever asks for the same weight shares it. Takes memory: to
/// be called when an op is planned, never while recording. Null in float32 and tf32.
std::shared_ptr<const NarrowCopy> keep_narrow(const Context& context, const Tensor& weight);

/// The kept copy of `elements` floats from `data` on, which may begin inside a weight; null if
/// there is none.
const uint16_t* find_narrow(const Context& context, const float* data, int64_t elements);

/// `to` (rows, columns), rows `to_stride` apart, = `from`, rounded to the nearest, ties to even.
/// Beyond fp16's range: infinite.
void narrow(const Context& context, const float* from, int64_t from_stride, int64_t rows,
            int64_t columns, uint16_t* to, int64_t to_stride);

/// `to` = activation(`from`, exactly, + bias(channel) unless it is null).
void widen(const Context& context, const uint16_t* from, const Layout& layout, const float* bias,
           Activation activation, float* to);

}  // namespace hdecomp::cuda
