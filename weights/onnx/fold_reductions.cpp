/// Constants summed up over axes, functions of their numbers, ranges, batch norm: what weights that
/// are normalised in the graph (weight standardisation, Qiao et al. 2019) are made with.
#include <algorithm>
#include <cmath>

#include "hdecomp/error.h"
#include "weights/onnx/attributes.h"
#include "weights/onnx/fold_ops.h"

namespace hdecomp::onnx {
namespace {

double combined(const std::string& op, double sum, double value) {
  if (op == "ReduceMax") return std::max(sum, value);
  if (op == "ReduceMin") return std::min(sum, value);
  if (op == "ReduceProd") return sum * value;
  if (op == "ReduceL2" || op == "ReduceSumSquare") return sum + value * value;
  return sum + (op == "ReduceL1" ? std::abs(value) : value);
}

double first_of(const std::string& op) {
  if (op == "ReduceMax") return -std::numeric_limits<double>::infinity();
  if (op == "ReduceMin") return std::numeric_limits<double>::infinity();
  return op == "ReduceProd" ? 1 : 0;
}

struct Moments {
  double mean = 0, variance = 0;
};

/// Of each channel's numbers themselves: what a batch norm in training mode takes off.
std::vector<Moments> own_moments(const Constant& x, int64_t channels, int64_t inner) {
  std::vector<Moments> all(static_cast<size_t>(channels));
  const auto count = static_cast<double>(x.elements() / channels);
  const auto of = [&](int64_t i) -> Moments& { return all[i / inner % channels]; };
  for (int64_t i = 0; i < x.elements(); ++i) of(i).mean += x.reals[i] / count;
  for (int64_t i = 0; i < x.elements(); ++i)
    of(i).variance += std::pow(x.reals[i] - of(i).mean, 2) / count;
  return all;
}

std::vector<Moments> given_moments(const Constant& mean, const Constant& variance) {
  std::vector<Moments> all;
  for (size_t c = 0; c < mean.reals.size(); ++c) all.push_back({mean.reals[c], variance.reals[c]});
  return all;
}

std::vector<bool> reduced_axes(size_t rank, const std::vector<int64_t>& axes) {
  std::vector<bool> named(rank, axes.empty());
  for (const int64_t axis : axes) named[axis_of(axis, rank)] = true;
  return named;
}

/// Each number goes to the place that the `steps` of its axes lead to.
void add_up(const std::string& op, const Constant& data, const std::vector<int64_t>& steps,
            std::vector<double>& sums) {
  size_t i = 0;
  for_each_place(data.dims, steps, [&](int64_t to) {
    const double value = data.whole ? static_cast<double>(data.integers[i]) : data.reals[i];
    sums[to] = combined(op, sums[to], value);
    ++i;
  });
}

}  // namespace

Constant reduced_constant(const RawNode& node, const Constant& data,
                          const std::vector<int64_t>& axes) {
  if (data.elements() == 0) throw UserError("of no numbers");
  const std::vector<bool> gone = reduced_axes(data.dims.size(), axes);
  std::vector<int64_t> kept = data.dims, steps(data.dims.size(), 0);
  for (size_t i = 0; i < gone.size(); ++i) kept[i] = gone[i] ? 1 : kept[i];
  int64_t count = 1;
  for (size_t i = gone.size(); i-- > 0;) {
    steps[i] = gone[i] ? 0 : count;
    count *= kept[i];
  }
  const std::string& op = node.op;
  std::vector<double> sums(static_cast<size_t>(count), first_of(op));
  add_up(op, data, steps, sums);
  const auto terms = static_cast<double>(data.elements()) / static_cast<double>(count);
  Constant result;
  result.whole = data.whole;
  for (const double sum : sums) {
    const double value = op == "ReduceMean" ? sum / terms : op == "ReduceL2" ? std::sqrt(sum) : sum;
    if (!data.whole)
      result.reals.push_back(static_cast<float>(value));
    else if (std::abs(value) < 9e15)
      result.integers.push_back(static_cast<int64_t>(value));
    else
      throw UserError(joined(op, " of whole numbers that are too large"));
  }
  const bool keeps = integer(node, "keepdims", 1) != 0;
  for (size_t i = 0; i < gone.size(); ++i) {
    if (keeps || !gone[i]) result.dims.push_back(kept[i]);
  }
  return result;
}

Constant normalised_constant(const RawNode& node, const Inputs& inputs) {
  const Constant& x = constant_input(inputs, 0);
  const int64_t channels = x.dims.size() > 1 ? x.dims[1] : 0;
  for (size_t i = 1; i < 5; ++i) {
    if (constant_input(inputs, i).elements() != channels || constant_input(inputs, i).whole)
      throw UserError("BatchNormalization of constants that do not fit");
  }
  if (x.whole || x.elements() == 0)
    throw UserError("BatchNormalization of whole numbers, or of none");
  int64_t inner = 1;
  for (size_t i = 2; i < x.dims.size(); ++i) inner *= x.dims[i];
  const bool own = integer(node, "training_mode", 0) != 0;
  const std::vector<Moments> moments =
      own ? own_moments(x, channels, inner) : given_moments(*inputs[3], *inputs[4]);
  const double epsilon = real(node, "epsilon", 1e-5f);
  Constant result = x;
  for (int64_t i = 0; i < x.elements(); ++i) {
    const int64_t c = i / inner % channels;
    const double deviation = std::sqrt(moments[c].variance + epsilon);
    result.reals[i] =
        static_cast<float>((result.reals[i] - moments[c].mean) / deviation * inputs[1]->reals[c] +
                           inputs[2]->reals[c]);
  }
  return result;
}

std::optional<float (*)(float)> function_of_constants(const std::string& op) {
  using Single = float (*)(float);
  static const std::map<std::string, Single> all{
      {"Abs", [](float x) { return std::fabs(x); }},
      {"Ceil", [](float x) { return std::ceil(x); }},
      {"Cos", [](float x) { return std::cos(x); }},
      {"Exp", [](float x) { return std::exp(x); }},
      {"Floor", [](float x) { return std::floor(x); }},
      {"Log", [](float x) { return std::log(x); }},
      {"Reciprocal", [](float x) { return 1 / x; }},
      {"Relu", [](float x) { return x < 0 ? 0.0f : x; }},
      {"Round", [](float x) { return std::nearbyint(x); }},
      {"Sigmoid", [](float x) { return 1 / (1 + std::exp(-x)); }},
      {"Sin", [](float x) { return std::sin(x); }},
      {"Sqrt", [](float x) { return std::sqrt(x); }},
      {"Tanh", [](float x) { return std::tanh(x); }},
  };
  const auto found = all.find(op);
  return found == all.end() ? std::nullopt : std::optional(found->second);
}

Constant ranged(const Inputs& inputs, SizeBudget& budget) {
  const Constant &start = constant_input(inputs, 0), &end = constant_input(inputs, 1),
                 &step = constant_input(inputs, 2);
  if (start.elements() != 1 || end.elements() != 1 || step.elements() != 1 ||
      start.whole != end.whole || end.whole != step.whole)
    throw UserError("Range of other than three numbers of a type");
  const auto value = [](const Constant& c) {
    return c.whole ? static_cast<double>(c.integers[0]) : c.reals[0];
  };
  const double count = std::ceil((value(end) - value(start)) / value(step));
  if (!(count < 1e8)) throw UserError("Range without an end");
  Constant result;
  result.whole = start.whole;
  result.dims = {std::max<int64_t>(0, static_cast<int64_t>(count))};
  budget.take(static_cast<uint64_t>(result.dims[0]) * sizeof(int64_t), "Range");
  for (int64_t i = 0; i < result.dims[0]; ++i) {
    if (result.whole)
      result.integers.push_back(
          static_cast<int64_t>(static_cast<uint64_t>(start.integers[0]) +
                               static_cast<uint64_t>(i) * static_cast<uint64_t>(step.integers[0])));
    else
      result.reals.push_back(start.reals[0] + static_cast<float>(i) * step.reals[0]);
  }
  return result;
}

Constant clipped_constant(const RawNode& node, const Inputs& inputs) {
  constexpr float infinity = std::numeric_limits<float>::infinity();
  const auto bound = [&](size_t i, const char* name, float otherwise) {
    return i < inputs.size() && inputs[i] ? number_of(*inputs[i]) : real(node, name, otherwise);
  };
  const float low = bound(1, "min", -infinity), high = bound(2, "max", infinity);
  Constant result = constant_input(inputs, 0);
  if (result.whole) throw UserError("Clip of whole numbers");
  for (float& value : result.reals) value = std::min(std::max(value, low), high);
  return result;
}

}  // namespace hdecomp::onnx
