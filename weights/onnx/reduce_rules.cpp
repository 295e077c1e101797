/// Means, maxima and sums over axes.
#include <algorithm>

#include "hdecomp/error.h"
#include "weights/onnx/attributes.h"
#include "weights/onnx/lowered.h"

namespace hdecomp::onnx {
namespace {

/// In ascending order.
std::vector<size_t> axes_of(const Call& call, size_t rank) {
  const std::vector<int64_t> given =
      call.has(1) ? call.constant(1).integers : integers(call.node, "axes");
  std::vector<size_t> axes;
  for (const int64_t axis : given) axes.push_back(axis_of(axis, rank));
  std::ranges::sort(axes);
  const bool twice = std::ranges::adjacent_find(axes) != axes.end();
  if (axes.empty() || axes[0] == 0 || twice)
    throw UserError("over the batch, or one axis twice; some of the others are supported");
  return axes;
}

int reduced_axes(const Call& call, int of, const std::vector<size_t>& axes, Reduction reduction) {
  Net& net = call.net;
  Sides all = 0;
  for (const size_t axis : axes) {
    const std::optional<Sides> sides = sides_of(net, call.feature(0), axis);
    const auto cut = sides ? std::nullopt : channel_cut(net, call.feature(0), axis);
    if (cut && axes.size() == 1) return combined(net, channel_parts(net, of, *cut), reduction);
    if (!sides)
      throw UserError("over a part of the map, or of the channels together with other axes");
    all |= *sides;
  }
  return all == 0 ? of : reduced(net, of, all, reduction);
}

std::vector<Value> reduce(const Call& call) {
  const Value& value = call.feature(0);
  const bool nothing = !call.has(1) && integers(call.node, "axes").empty();
  if (nothing && integer(call.node, "noop_with_empty_axes", 0) != 0) return {value};
  const std::vector<size_t> axes = axes_of(call, value.dims.size());
  Net& net = call.net;
  Value result = value;
  const std::string& op = call.node.op;
  const bool norm = op == "ReduceL2", squares = norm || op == "ReduceSumSquare";
  int of = squares ? power(net, value.node, 2) : value.node;
  if (op == "ReduceL1") of = apply(net, of, {Function::abs});
  const Reduction reduction = op == "ReduceMean"  ? Reduction::mean
                              : op == "ReduceMax" ? Reduction::maximum
                                                  : Reduction::sum;
  result.node = reduced_axes(call, of, axes, reduction);
  if (norm) result.node = power(net, result.node, 0.5f);
  for (const size_t axis : axes) result.dims[axis] = 1;
  if (integer(call.node, "keepdims", 1) == 0) {
    for (size_t i = axes.size(); i-- > 0;)
      result.dims.erase(result.dims.begin() + static_cast<int64_t>(axes[i]));
  }
  return {result};
}

}  // namespace

void add_reduce_rules(std::map<std::string, Rule>& rules) {
  for (const char* op :
       {"ReduceMean", "ReduceMax", "ReduceSum", "ReduceL1", "ReduceL2", "ReduceSumSquare"})
    rules[op] = reduce;
}

}  // namespace hdecomp::onnx
