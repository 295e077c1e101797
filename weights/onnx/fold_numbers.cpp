/// Arithmetic of constants.
#include <algorithm>
#include <cmath>

#include "hdecomp/error.h"
#include "weights/onnx/attributes.h"
#include "weights/onnx/fold_ops.h"

namespace hdecomp::onnx {

Constant cast(const RawNode& node, const Constant& data) {
  const int64_t type = integer(node, "to", 1);
  const bool whole = type != 1 && type != 10 && type != 11 && type != 16;
  Constant result = data;
  if (whole == data.whole) return result;
  result.whole = whole;
  if (whole) {
    for (const float value : data.reals) {
      if (!(std::abs(value) < 9e18f)) throw UserError("Cast of a number that is no whole one");
      result.integers.push_back(static_cast<int64_t>(value));
    }
    result.reals.clear();
  } else {
    result.reals.assign(data.integers.begin(), data.integers.end());
    result.integers.clear();
  }
  return result;
}

Constant dequantized(const RawNode& node, const Inputs& inputs) {
  const Constant &data = constant_input(inputs, 0), &scale = constant_input(inputs, 1);
  const Constant* zero = inputs.size() > 2 && inputs[2] ? inputs[2].get() : nullptr;
  if (!data.whole || scale.whole || scale.elements() < 1)
    throw UserError("DequantizeLinear of other types");
  int64_t inner = data.elements();
  if (scale.elements() > 1) {
    const size_t axis = axis_of(integer(node, "axis", 1), data.dims.size());
    if (data.dims[axis] != scale.elements())
      throw UserError("DequantizeLinear with scales that do not fit");
    inner = 1;
    for (size_t i = axis + 1; i < data.dims.size(); ++i) inner *= data.dims[i];
  }
  if (zero != nullptr && (!zero->whole || zero->elements() != scale.elements())) {
    throw UserError("DequantizeLinear with zero points that do not fit");
  }
  Constant result;
  result.dims = data.dims;
  result.reals.resize(data.integers.size());
  for (int64_t i = 0; i < data.elements(); ++i) {
    const int64_t at = scale.elements() == 1 ? 0 : i / inner % scale.elements();
    const int64_t centre = zero == nullptr ? 0 : zero->integers[at];
    const double steps = static_cast<double>(data.integers[i]) - static_cast<double>(centre);
    result.reals[i] = static_cast<float>(steps) * scale.reals[at];
  }
  return result;
}

}  // namespace hdecomp::onnx
