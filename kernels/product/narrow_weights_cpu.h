/// Weights that the CPU keeps in bf16, found again by where their float32 numbers lie.
///
/// They need no instruction of a processor's own: each is widened in a register and multiplied in
/// float32, so that results are the same bits everywhere, and what is saved is half the reading.
#pragma once

#include <functional>
#include <memory>

#include "kernels/core/context.h"
#include "kernels/core/tensor.h"
#include "kernels/product/bf16_cpu.h"

namespace hdecomp {

class NarrowWeight;

/// Called of numbers that were read and will not be read again.
using WasRead = std::function<void(const float* first, int64_t count)>;

/// A copy of `weight` rounded to bf16, for the ops of contexts of that precision on the CPU, while
/// the result lives, which must not be longer than the weight. Who asks for the same weight shares
/// it. It is read piece by piece.
std::shared_ptr<const NarrowWeight> keep_narrow(const Context& context, const Tensor& weight,
                                                const WasRead& was_read);

/// The numbers that a context's products take: those kept in bf16 as new floats, else the weight
/// itself.
Tensor as_multiplied(const Context& context, const Tensor& weight);

namespace cpu {

/// What is kept of a weight, or of the part of one that this is; null where there is none, or the
/// context is of another precision.
const Bf16* find_narrow(const Context& context, const Tensor& weight);

/// body(numbers), a pointer to the weight's floats or to what is kept of them.
template <class Body>
decltype(auto) with_numbers(const Tensor& weight, const Bf16* narrow, Body&& body) {
  return narrow != nullptr ? body(narrow) : body(weight.data());
}

}  // namespace cpu
}  // namespace hdecomp
