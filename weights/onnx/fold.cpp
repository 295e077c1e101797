/// The ops that are computed while converting: of shapes, and of weights that are made of others.
#include <algorithm>
#include <cmath>
#include <functional>

#include "hdecomp/error.h"
#include "weights/onnx/attributes.h"
#include "weights/onnx/constant.h"

namespace hdecomp::onnx {
namespace {

using Inputs = std::vector<ConstantPtr>;

const Constant& input(const RawNode& node, const Inputs& inputs, size_t i) {
  if (i >= inputs.size() || !inputs[i]) throw UserError(joined("input ", i, " is missing"));
  (void)node;
  return *inputs[i];
}

std::vector<int64_t> axes_of(const RawNode& node, const Inputs& inputs) {
  if (inputs.size() > 1 && inputs[1]) return inputs[1]->integers;
  return integers(node, "axes");
}

template <class Body>
void both(Constant& to, const Constant& from, Body&& body) {
  if (from.whole)
    body(to.integers, from.integers);
  else
    body(to.reals, from.reals);
  to.whole = from.whole;
}

Constant reshaped(const RawNode& node, const Constant& data, std::vector<int64_t> dims) {
  Constant result = data;
  result.dims = resolve_reshape(data.dims, std::move(dims), integer(node, "allowzero", 0) != 0);
  return result;
}

Constant unsqueezed(const Constant& data, const std::vector<int64_t>& axes) {
  Constant result = data;
  result.dims = unsqueezed_dims(data.dims, axes);
  return result;
}

Constant squeezed(const Constant& data, const std::vector<int64_t>& axes) {
  Constant result = data;
  result.dims = squeezed_dims(data.dims, axes);
  return result;
}

Constant gathered(const RawNode& node, const Constant& data, const Constant& indices) {
  if (integer(node, "axis", 0) != 0 || data.dims.empty()) {
    throw UserError("Gather of constants along another axis than 0");
  }
  const int64_t rows = data.dims[0], row = rows == 0 ? 0 : data.elements() / rows;
  if (indices.elements() > (1 << 20) || indices.elements() * row > (1 << 26)) {
    throw UserError("Gather of too many constants");
  }
  Constant result;
  result.dims = indices.dims;
  result.dims.insert(result.dims.end(), data.dims.begin() + 1, data.dims.end());
  both(result, data, [&](auto& to, const auto& from) {
    for (int64_t index : indices.integers) {
      if (index < 0) index += rows;
      if (index < 0 || index >= rows) throw UserError("Gather beyond the end of its data");
      to.insert(to.end(), from.begin() + index * row, from.begin() + (index + 1) * row);
    }
  });
  return result;
}

/// Along axis 0.
Constant concatenated(const RawNode& node, const Inputs& inputs) {
  Constant result = input(node, inputs, 0);
  if (result.dims.empty() || axis_of(integer(node, "axis", 0), result.dims.size()) != 0) {
    throw UserError("Concat of constants along another axis than 0");
  }
  for (size_t i = 1; i < inputs.size(); ++i) {
    const Constant& next = input(node, inputs, i);
    if (next.whole != result.whole || next.dims.size() != result.dims.size()) {
      throw UserError("Concat of unequal constants");
    }
    both(result, next,
         [](auto& to, const auto& from) { to.insert(to.end(), from.begin(), from.end()); });
    result.dims[0] += next.dims[0];
  }
  if (elements_of(result.dims, "Concat") != result.elements())
    throw UserError("Concat of unequal constants");
  return result;
}

/// Of a list.
Constant sliced(const RawNode& node, const Inputs& inputs) {
  const Constant& data = input(node, inputs, 0);
  const SliceRange range = slice_range(node, inputs, 0, data.dims);
  if (data.dims.size() != 1 || range.axis != 0)
    throw UserError("Slice of constants of more than one axis");
  Constant result;
  both(result, data, [&](auto& to, const auto& from) {
    for (int64_t i = range.begin; range.step > 0 ? i < range.end : i > range.end; i += range.step) {
      to.push_back(from[i]);
    }
  });
  result.dims = {result.elements()};
  return result;
}

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

/// Of the same extent, or one of them a single number.
Constant arithmetic(const std::string& op, const Constant& a, const Constant& b) {
  if (a.whole != b.whole ||
      (a.elements() != b.elements() && a.elements() != 1 && b.elements() != 1) ||
      a.elements() == 0 || b.elements() == 0) {
    throw UserError(joined(op, " of constants of unequal extent"));
  }
  Constant result;
  result.dims = a.elements() >= b.elements() ? a.dims : b.dims;
  result.whole = a.whole;
  const int64_t count = std::max(a.elements(), b.elements());
  const auto compute = [&](auto& to, const auto& x, const auto& y) {
    using Number = typename std::remove_cvref_t<decltype(to)>::value_type;
    for (int64_t i = 0; i < count; ++i) {
      const Number p = x[x.size() == 1 ? 0 : i], q = y[y.size() == 1 ? 0 : i];
      if constexpr (std::is_integral_v<Number>) {
        if (op == "Div" && (q == 0 || q == -1)) throw UserError("Div of whole numbers by 0 or -1");
        const auto u = static_cast<uint64_t>(p), v = static_cast<uint64_t>(q);
        to.push_back(op == "Div" ? p / q
                                 : static_cast<Number>(op == "Add"   ? u + v
                                                       : op == "Sub" ? u - v
                                                                     : u * v));
      } else {
        to.push_back(op == "Add" ? p + q : op == "Sub" ? p - q : op == "Mul" ? p * q : p / q);
      }
    }
  };
  if (a.whole)
    compute(result.integers, a.integers, b.integers);
  else
    compute(result.reals, a.reals, b.reals);
  return result;
}

/// (x - zero point) * scale, per element of the axis or for all.
Constant dequantized(const RawNode& node, const Inputs& inputs) {
  const Constant &data = input(node, inputs, 0), &scale = input(node, inputs, 1);
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
    result.reals[i] = static_cast<float>(data.integers[i] - centre) * scale.reals[at];
  }
  return result;
}

Constant filled(const RawNode& node, const Constant& dims, ConstantSource& source) {
  Constant result;
  result.dims = dims.integers;
  const int64_t count = elements_of(result.dims, "ConstantOfShape");
  source.budget.take(static_cast<uint64_t>(count) * sizeof(int64_t), "ConstantOfShape");
  const auto value = node.attributes.find("value");
  if (value == node.attributes.end()) {
    result.reals.assign(count, 0);
    return result;
  }
  const ConstantPtr one = constant_of(value->second.tensor, source);
  if (one->elements() != 1) throw UserError("ConstantOfShape of more than one value");
  result.whole = one->whole;
  if (one->whole)
    result.integers.assign(count, one->integers[0]);
  else
    result.reals.assign(count, one->reals[0]);
  return result;
}

Constant constant_node(const RawNode& node, ConstantSource& source) {
  if (const auto value = node.attributes.find("value"); value != node.attributes.end()) {
    return *constant_of(value->second.tensor, source);
  }
  Constant result;
  for (const auto& [name, attribute] : node.attributes) {
    result.whole = name == "value_int" || name == "value_ints";
    if (name == "value_int")
      result.integers = {attribute.integer};
    else if (name == "value_float")
      result.reals = {attribute.real};
    else if (name == "value_ints")
      result.integers = attribute.integers;
    else if (name == "value_floats")
      result.reals = attribute.reals;
    else
      continue;
    if (name.ends_with("s")) result.dims = {result.elements()};
    return result;
  }
  throw UserError("a Constant without a value that is read");
}

}  // namespace

Constant transposed(const Constant& from, const std::vector<int64_t>& order) {
  const size_t rank = from.dims.size();
  std::vector<int64_t> stride(rank, 1), seen(rank, 0);
  for (size_t i = rank; i-- > 1;) stride[i - 1] = stride[i] * from.dims[i];
  Constant result;
  if (order.size() != rank) throw UserError("Transpose with another number of axes");
  for (const int64_t axis : order) {
    if (axis < 0 || axis >= static_cast<int64_t>(rank) || seen[axis]++ > 0) {
      throw UserError("Transpose of axes that are no permutation");
    }
    result.dims.push_back(from.dims[axis]);
  }
  both(result, from, [&](auto& to, const auto& values) {
    to.resize(values.size());
    std::vector<int64_t> at(rank, 0);
    int64_t source = 0;
    for (size_t i = 0; i < values.size(); ++i) {
      to[i] = values[source];
      for (size_t k = rank; k-- > 0;) {
        source += stride[order[k]];
        if (++at[k] < result.dims[k]) break;
        source -= stride[order[k]] * result.dims[k];
        at[k] = 0;
      }
    }
  });
  return result;
}

ConstantPtr folded(const RawNode& node, const Inputs& inputs, ConstantSource& source) {
  const std::string& op = node.op;
  const auto in = [&](size_t i) -> const Constant& { return input(node, inputs, i); };
  const auto made = [](Constant result) {
    return std::make_shared<const Constant>(std::move(result));
  };
  if (op == "Constant") return made(constant_node(node, source));
  if (inputs.empty() || !inputs[0]) return nullptr;
  if (op == "ConstantOfShape") return made(filled(node, in(0), source));
  source.budget.take(static_cast<uint64_t>(in(0).elements()) * sizeof(float), op);
  if (op == "Identity") return inputs[0];
  if (op == "Gather") return made(gathered(node, in(0), in(1)));
  if (op == "Unsqueeze") return made(unsqueezed(in(0), axes_of(node, inputs)));
  if (op == "Squeeze") return made(squeezed(in(0), axes_of(node, inputs)));
  if (op == "Concat") return made(concatenated(node, inputs));
  if (op == "Reshape") return made(reshaped(node, in(0), in(1).integers));
  if (op == "Slice") return made(sliced(node, inputs));
  if (op == "Cast") return made(cast(node, in(0)));
  if (op == "DequantizeLinear") return made(dequantized(node, inputs));
  if (op == "Add" || op == "Sub" || op == "Mul" || op == "Div")
    return made(arithmetic(op, in(0), in(1)));
  if (op == "Transpose") {
    std::vector<int64_t> order = integers(node, "perm");
    for (size_t i = order.size(); i < in(0).dims.size(); ++i) {
      order.push_back(static_cast<int64_t>(in(0).dims.size() - 1 - i));
    }
    return made(transposed(in(0), order));
  }
  if (op == "Floor" || op == "Sqrt") {
    Constant result = in(0);
    for (float& value : result.reals) value = op == "Floor" ? std::floor(value) : std::sqrt(value);
    return made(std::move(result));
  }
  return nullptr;
}

}  // namespace hdecomp::onnx
