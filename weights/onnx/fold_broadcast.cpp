/// Arithmetic of two constants that are broadcast to each other, and choices between them.
#include <algorithm>
#include <cmath>

#include "hdecomp/error.h"
#include "weights/onnx/attributes.h"
#include "weights/onnx/fold_ops.h"

namespace hdecomp::onnx {
namespace {

/// What each axis of `wanted` steps by in a constant of `dims`: 0 where it has one for all.
std::vector<int64_t> steps_in(const std::vector<int64_t>& dims,
                              const std::vector<int64_t>& wanted) {
  std::vector<int64_t> steps(wanted.size(), 0);
  int64_t step = 1;
  for (size_t back = 1; back <= dims.size(); ++back) {
    const int64_t dim = dims[dims.size() - back];
    if (dim > 1) steps[wanted.size() - back] = step;
    step *= dim;
  }
  return steps;
}

int64_t whole_number(const std::string& op, int64_t p, int64_t q) {
  if (op == "Div" && (q == 0 || q == -1)) throw UserError("Div of whole numbers by 0 or -1");
  const auto u = static_cast<uint64_t>(p), v = static_cast<uint64_t>(q);
  if (op == "Div") return p / q;
  if (op == "Max") return std::max(p, q);
  if (op == "Min") return std::min(p, q);
  if (op == "Pow") throw UserError("Pow of whole numbers");
  return static_cast<int64_t>(op == "Add" ? u + v : op == "Sub" ? u - v : u * v);
}

float real_number(const std::string& op, float p, float q) {
  if (op == "Add") return p + q;
  if (op == "Sub") return p - q;
  if (op == "Mul") return p * q;
  if (op == "Max") return std::max(p, q);
  if (op == "Min") return std::min(p, q);
  return op == "Pow" ? std::pow(p, q) : p / q;
}

}  // namespace

std::vector<int64_t> common_dims(const std::vector<int64_t>& a, const std::vector<int64_t>& b) {
  std::vector<int64_t> dims = a.size() >= b.size() ? a : b;
  const std::vector<int64_t>& other = a.size() >= b.size() ? b : a;
  for (size_t back = 1; back <= other.size(); ++back) {
    int64_t& dim = dims[dims.size() - back];
    const int64_t its = other[other.size() - back];
    if (dim != its && dim != 1 && its != 1)
      throw UserError(joined("constants of unequal extent, ", dim, " and ", its));
    if (dim == 1) dim = its;
  }
  return dims;
}

Constant broadcast(const Constant& data, const std::vector<int64_t>& dims, SizeBudget& budget) {
  if (data.dims == dims) return data;
  if (data.elements() == 0) throw UserError("a constant of no numbers that is broadcast");
  const int64_t count = elements_of(dims, "a broadcast constant");
  budget.take(static_cast<uint64_t>(count) * sizeof(int64_t), "a broadcast constant");
  if (common_dims(data.dims, dims) != dims)
    throw UserError("a constant broadcast to an extent that does not fit it");
  const std::vector<int64_t> steps = steps_in(data.dims, dims);
  Constant result;
  result.dims = dims;
  both(result, data, [&](auto& to, const auto& from) {
    to.reserve(count);
    for_each_place(dims, steps, [&](int64_t source) { to.push_back(from[source]); });
  });
  return result;
}

Constant arithmetic(const std::string& op, const Constant& first, const Constant& second,
                    SizeBudget& budget) {
  if (first.whole != second.whole || first.elements() == 0 || second.elements() == 0)
    throw UserError(joined(op, " of constants of unequal types, or of none"));
  const std::vector<int64_t> dims = common_dims(first.dims, second.dims);
  Constant result = broadcast(first, dims, budget);
  const Constant b = broadcast(second, dims, budget);
  for (size_t i = 0; i < result.integers.size(); ++i)
    result.integers[i] = whole_number(op, result.integers[i], b.integers[i]);
  for (size_t i = 0; i < result.reals.size(); ++i)
    result.reals[i] = real_number(op, result.reals[i], b.reals[i]);
  return result;
}

Constant compared(const std::string& op, const Constant& first, const Constant& second,
                  SizeBudget& budget) {
  if (first.whole != second.whole) throw UserError(joined(op, " of constants of unequal types"));
  const std::vector<int64_t> dims = common_dims(first.dims, second.dims);
  const Constant a = broadcast(first, dims, budget), b = broadcast(second, dims, budget);
  Constant result;
  result.dims = dims;
  result.whole = true;
  const auto holds = [&](const auto& p, const auto& q) {
    if (op == "Equal") return p == q;
    if (op == "Greater") return p > q;
    if (op == "Less") return p < q;
    return op == "GreaterOrEqual" ? p >= q : p <= q;
  };
  for (int64_t i = 0; i < a.elements(); ++i) {
    result.integers.push_back(a.whole ? holds(a.integers[i], b.integers[i])
                                      : holds(a.reals[i], b.reals[i]));
  }
  return result;
}

Constant chosen(const Constant& which, const Constant& first, const Constant& second,
                SizeBudget& budget) {
  if (!which.whole || first.whole != second.whole)
    throw UserError("Where of constants of unequal types");
  const std::vector<int64_t> dims = common_dims(which.dims, common_dims(first.dims, second.dims));
  Constant result = broadcast(first, dims, budget);
  const Constant b = broadcast(second, dims, budget), choice = broadcast(which, dims, budget);
  for (size_t i = 0; i < choice.integers.size(); ++i) {
    if (choice.integers[i] != 0) continue;
    result.whole ? void(result.integers[i] = b.integers[i]) : void(result.reals[i] = b.reals[i]);
  }
  return result;
}

}  // namespace hdecomp::onnx
