/// The ops that are computed while converting, one function each; see constant.h's folded().
#pragma once

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

Constant reshaped(const RawNode& node, const Constant& data, std::vector<int64_t> dims);
Constant unsqueezed(const Constant& data, const std::vector<int64_t>& axes);
Constant squeezed(const Constant& data, const std::vector<int64_t>& axes);
Constant gathered(const RawNode& node, const Constant& data, const Constant& indices,
                  ConstantSource& source);
/// Along axis 0.
Constant concatenated(const RawNode& node, const Inputs& inputs);
Constant sliced(const RawNode& node, const Inputs& inputs);

Constant cast(const RawNode& node, const Constant& data);
/// Of the same extent, or one of them a single number.
Constant arithmetic(const std::string& op, const Constant& a, const Constant& b);
/// 1 where two whole numbers are equal, of the same extent or one of them a single number.
Constant equal(const Constant& a, const Constant& b);
/// Elements of `a` where `which` is not 0, of `b` elsewhere, all of the same extent.
Constant chosen(const Constant& which, const Constant& a, const Constant& b);
/// (x - zero point) * scale, per element of the axis or for all.
Constant dequantized(const RawNode& node, const Inputs& inputs);

}  // namespace hdecomp::onnx
