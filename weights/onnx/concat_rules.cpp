/// What puts features side by side: their channels, also beside constant ones, which are channels
/// of zeros with a map added (CoordConv's places, Liu et al. 2018); or their rows or columns, each
/// feature at its place among zeros, and all of them added up.
#include <algorithm>

#include "hdecomp/error.h"
#include "weights/onnx/attributes.h"
#include "weights/onnx/fold_ops.h"
#include "weights/onnx/lowered.h"

namespace hdecomp::onnx {
namespace {

/// With channels of zeros before and behind its own.
int widened(Net& net, int in, int64_t before, int64_t after) {
  if (before == 0 && after == 0) return in;
  Node node;
  node.op = Op::pad;
  node.first_channel = -before;
  node.out_channels = net.shape(in).channels + before + after;
  return net.append(node, {in});
}

/// Zeros where the feature is, else the constants: of the whole result.
Constant constants_beside_zeros(const Call& call, size_t axis) {
  Inputs parts;
  for (const Value& each : call.inputs) {
    if (each.constant) {
      if (each.constant->whole) throw UserError("a constant that is not of real numbers");
      parts.push_back(each.constant);
      continue;
    }
    Constant zeros;
    zeros.dims = each.dims;
    const int64_t count = elements_of(each.dims, "Concat");
    call.net.budget().take(static_cast<uint64_t>(count) * sizeof(float), "Concat");
    zeros.reals.assign(static_cast<size_t>(count), 0);
    parts.push_back(std::make_shared<const Constant>(std::move(zeros)));
  }
  RawNode along;
  along.attributes["axis"].integer = static_cast<int64_t>(axis);
  return concatenated(along, parts);
}

/// The axis counts channels of each input; `result` has the dims that all of them make.
int channels_side_by_side(const Call& call, const Value& result, size_t axis, bool constants) {
  std::vector<int> nodes;
  int64_t pending = 0;
  for (const Value& each : call.inputs) {
    if (each.constant) {
      if (each.constant->dims.size() != result.dims.size())
        throw UserError("a constant of another number of axes");
      pending += each.constant->dims[axis];
    } else {
      nodes.push_back(widened(call.net, each.node, pending, 0));
      pending = 0;
    }
  }
  nodes.back() = widened(call.net, nodes.back(), 0, pending);
  const int all = nodes.size() == 1 ? nodes[0] : call.net.append(Op::concat, nodes);
  if (!constants) return all;
  Value whole = result;
  whole.node = all;
  std::vector<float> shift =
      numbers_of_elements(call.net, whole, constants_beside_zeros(call, axis), call.net.budget());
  std::vector<float> scale(shift.size(), 1);
  return scaled_map(call.net, all, std::move(scale), std::move(shift));
}

int sides_behind_each_other(const Call& call, size_t axis, Side side, int64_t total) {
  std::vector<int> moved;
  int64_t before = 0;
  for (const Value& each : call.inputs) {
    const int64_t size = each.dims[axis];
    moved.push_back(padded(call.net, each.node, side, before, total - before - size));
    before += size;
  }
  return combined(call.net, moved, Reduction::sum);
}

/// Whether putting the values behind each other along the axis does so in memory, too: whole maps
/// behind each other are channels.
bool is_outermost(const Net& net, const Value& value, size_t axis) {
  for (size_t i = 1; i < axis; ++i) {
    if (value.dims[i] != 1) return false;
  }
  return value.layout == Layout::map || is_in_any_order(net, value);
}

/// All features seen in one layout. Throws UserError where there is none.
std::vector<Value> seen_alike(const Call& call) {
  std::vector<Value> all = call.inputs;
  Layout layout = Layout::map;
  bool found = false;
  for (size_t i = 0; i < all.size(); ++i) {
    if (all[i].constant) continue;
    const Value& each = call.feature(i);
    if (is_in_any_order(call.net, each) && found) continue;
    if (!is_in_any_order(call.net, each) || !found) layout = each.layout;
    found = true;
  }
  if (!found) throw UserError("of constants alone");
  for (Value& each : all) {
    if (each.constant) continue;
    if (is_in_any_order(call.net, each)) each.layout = layout;
    if (each.layout != layout) throw UserError("inputs of unequal layout");
  }
  return all;
}

std::vector<Value> concat(const Call& call) {
  const Call alike{call.node, seen_alike(call), call.net};
  const auto first = std::ranges::find_if(alike.inputs, [](const Value& v) { return v.node >= 0; });
  Value result = *first;
  const size_t axis = axis_of(integer(call.node, "axis", 1), result.dims.size());
  if (axis == 0) throw UserError("concatenation of images");
  int64_t total = 0;
  bool of_channels = true, outermost = true, constants = false;
  for (const Value& each : alike.inputs) {
    std::vector<int64_t> dims = each.constant ? each.constant->dims : each.dims;
    if (dims.size() != result.dims.size()) throw UserError("inputs of unequal layout");
    total += std::exchange(dims[axis], result.dims[axis]);
    if (dims != result.dims) throw UserError("inputs that differ on another axis");
    constants |= each.constant != nullptr;
    if (each.constant) continue;
    of_channels &= axis == find_channel_axis(call.net, each);
    outermost &= is_outermost(call.net, each, axis);
  }
  const std::optional<Side> side = side_of(call.net, result, axis);
  result.dims[axis] = total;
  if (!of_channels && !constants && side && *side != Side::channels) {
    result.node = sides_behind_each_other(alike, axis, *side, total);
  } else if (of_channels || outermost) {
    result.node = channels_side_by_side(alike, result, axis, constants);
  } else {
    throw UserError("concatenation of other than channels, rows or columns");
  }
  return {result};
}

}  // namespace

void add_concat_rules(std::map<std::string, Rule>& rules) { rules["Concat"] = concat; }

}  // namespace hdecomp::onnx
