/// The ops that are computed while converting, one function each; see constant.h's folded().
#pragma once

#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "weights/onnx/constant.h"

namespace hdecomp::onnx {

using Inputs = std::vector<ConstantPtr>;

/// Throws UserError if input `i` is left out.
const Constant& constant_input(const Inputs& inputs, size_t i);

/// Calls body(result's list, input's list) for the kind of numbers that `from` has.
template <class Body>
void both(Constant& to, const Constant& from, Body&& body) {
  if (from.whole)
    body(to.integers, from.integers);
  else
    body(to.reals, from.reals);
  to.whole = from.whole;
}

/// Calls body(place) for each number of an extent in the order of memory: where the steps of its
/// axes lead to, from 0 on.
template <class Body>
void for_each_place(const std::vector<int64_t>& dims, const std::vector<int64_t>& steps,
                    Body&& body) {
  int64_t count = 1, place = 0;
  for (const int64_t dim : dims) count *= dim;
  std::vector<int64_t> at(dims.size(), 0);
  for (int64_t i = 0; i < count; ++i) {
    body(place);
    for (size_t k = dims.size(); k-- > 0;) {
      place += steps[k];
      if (++at[k] < dims[k]) break;
      place -= steps[k] * dims[k];
      at[k] = 0;
    }
  }
}

Constant reshaped(const RawNode& node, const Constant& data, std::vector<int64_t> dims);
Constant unsqueezed(const Constant& data, const std::vector<int64_t>& axes);
Constant squeezed(const Constant& data, const std::vector<int64_t>& axes);
Constant gathered(const RawNode& node, const Constant& data, const Constant& indices,
                  ConstantSource& source);
/// Along any axis.
Constant concatenated(const RawNode& node, const Inputs& inputs);
Constant sliced(const RawNode& node, const Inputs& inputs);

Constant cast(const RawNode& node, const Constant& data);
/// The extent to which two are broadcast, from the last axis on.
std::vector<int64_t> common_dims(const std::vector<int64_t>& a, const std::vector<int64_t>& b);
Constant broadcast(const Constant& data, const std::vector<int64_t>& dims, SizeBudget& budget);
/// Add, Sub, Mul, Div, Pow, Max, Min.
Constant arithmetic(const std::string& op, const Constant& first, const Constant& second,
                    SizeBudget& budget);
/// 1 where it holds: Equal, Greater, Less and those or equal.
Constant compared(const std::string& op, const Constant& first, const Constant& second,
                  SizeBudget& budget);
/// Elements of `first` where `which` is not 0, of `second` elsewhere.
Constant chosen(const Constant& which, const Constant& first, const Constant& second,
                SizeBudget& budget);

/// Over `axes`, or all if there are none; sums in double precision.
Constant reduced_constant(const RawNode& node, const Constant& data,
                          const std::vector<int64_t>& axes);
/// A batch norm with its mean and variance, or in training mode those of the constants.
Constant normalised_constant(const RawNode& node, const Inputs& inputs);
/// The op's function of one real number, if it is one.
std::optional<float (*)(float)> function_of_constants(const std::string& op);
Constant ranged(const Inputs& inputs, SizeBudget& budget);
Constant clipped_constant(const RawNode& node, const Inputs& inputs);
/// (x - zero point) * scale, per element of the axis or for all.
Constant dequantized(const RawNode& node, const Inputs& inputs);

}  // namespace hdecomp::onnx
