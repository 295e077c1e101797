/// Constants moved: other dims, parts, one behind another.
#include "hdecomp/error.h"
#include "weights/onnx/attributes.h"
#include "weights/onnx/fold_ops.h"

namespace hdecomp::onnx {
namespace {

/// The part of `data` that the range leaves along its axis.
Constant along_axis(const Constant& data, const SliceRange& range) {
  int64_t outer = 1, inner = 1;
  for (size_t i = 0; i < data.dims.size(); ++i) {
    (i < range.axis ? outer : inner) *= i == range.axis ? 1 : data.dims[i];
  }
  const int64_t size = data.dims[range.axis];
  const std::vector<int64_t> places = places_of(range);
  Constant result;
  result.dims = data.dims;
  result.dims[range.axis] = std::ssize(places);
  both(result, data, [&](auto& to, const auto& from) {
    for (int64_t o = 0; o < outer; ++o) {
      for (const int64_t place : places) {
        const auto first = from.begin() + (o * size + place) * inner;
        to.insert(to.end(), first, first + inner);
      }
    }
  });
  return result;
}

}  // namespace

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

Constant gathered(const RawNode& node, const Constant& data, const Constant& indices,
                  ConstantSource& source) {
  if (data.dims.empty() || data.elements() == 0) throw UserError("Gather of no list of numbers");
  const size_t axis = axis_of(integer(node, "axis", 0), data.dims.size());
  int64_t outer = 1, row = 1;
  for (size_t i = 0; i < data.dims.size(); ++i)
    (i < axis ? outer : row) *= i == axis ? 1 : data.dims[i];
  const int64_t rows = data.dims[axis];
  if (!indices.whole) throw UserError("Gather by other than whole numbers");
  if (indices.elements() > (1 << 20) || row > (1 << 26)) {
    throw UserError("Gather of too many constants");
  }
  constexpr int64_t most = int64_t{1} << 46;
  if (outer * row != 0 && indices.elements() > most / (outer * row))
    throw UserError("Gather of too many constants");
  source.budget.take(static_cast<uint64_t>(outer * indices.elements() * row) * sizeof(int64_t),
                     "Gather");
  const auto after = data.dims.begin() + static_cast<int64_t>(axis);
  Constant result;
  result.dims.assign(data.dims.begin(), after);
  result.dims.insert(result.dims.end(), indices.dims.begin(), indices.dims.end());
  result.dims.insert(result.dims.end(), after + 1, data.dims.end());
  both(result, data, [&](auto& to, const auto& from) {
    for (int64_t o = 0; o < outer; ++o) {
      for (int64_t index : indices.integers) {
        if (index < 0) index += rows;
        if (index < 0 || index >= rows) throw UserError("Gather beyond the end of its data");
        const auto first = from.begin() + (o * rows + index) * row;
        to.insert(to.end(), first, first + row);
      }
    }
  });
  return result;
}

Constant concatenated(const RawNode& node, const Inputs& inputs) {
  Constant result = constant_input(inputs, 0);
  if (result.dims.empty()) throw UserError("Concat of single numbers");
  const size_t axis = axis_of(integer(node, "axis", 0), result.dims.size());
  for (size_t i = 1; i < inputs.size(); ++i) {
    const Constant& next = constant_input(inputs, i);
    std::vector<int64_t> dims = next.dims;
    if (next.whole != result.whole || dims.size() != result.dims.size())
      throw UserError("Concat of unequal constants");
    dims[axis] = result.dims[axis];
    if (dims != result.dims) throw UserError("Concat of unequal constants");
    result.dims[axis] += next.dims[axis];
  }
  Constant all;
  all.dims = result.dims;
  all.whole = result.whole;
  if (elements_of(all.dims, "Concat") == 0) return all;
  int64_t outer = 1;
  for (size_t i = 0; i < axis; ++i) outer *= result.dims[i];
  for (int64_t o = 0; o < outer; ++o) {
    for (const ConstantPtr& each : inputs) {
      const int64_t part = each->elements() / outer;
      both(all, *each, [&](auto& to, const auto& from) {
        to.insert(to.end(), from.begin() + o * part, from.begin() + (o + 1) * part);
      });
    }
  }
  if (elements_of(all.dims, "Concat") != all.elements())
    throw UserError("Concat of unequal constants");
  return all;
}

Constant sliced(const RawNode& node, const Inputs& inputs) {
  Constant result = constant_input(inputs, 0);
  for (size_t k = 0; k < slice_ranges(node, inputs); ++k) {
    result = along_axis(result, slice_range(node, inputs, k, result.dims));
  }
  return result;
}

Constant transposed(const Constant& from, const std::vector<int64_t>& order) {
  const size_t rank = from.dims.size();
  std::vector<int64_t> stride(rank, 1), seen(rank, 0), steps;
  for (size_t i = rank; i-- > 1;) stride[i - 1] = stride[i] * from.dims[i];
  Constant result;
  if (order.size() != rank) throw UserError("Transpose with another number of axes");
  for (const int64_t axis : order) {
    if (axis < 0 || axis >= static_cast<int64_t>(rank) || seen[axis]++ > 0) {
      throw UserError("Transpose of axes that are no permutation");
    }
    result.dims.push_back(from.dims[axis]);
    steps.push_back(stride[axis]);
  }
  both(result, from, [&](auto& to, const auto& values) {
    to.reserve(values.size());
    for_each_place(result.dims, steps, [&](int64_t source) { to.push_back(values[source]); });
  });
  return result;
}

}  // namespace hdecomp::onnx
