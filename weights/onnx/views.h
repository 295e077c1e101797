/// What the axes of an ONNX tensor count of its node's feature (c, h, w). Any cut of the elements,
/// in the order in which they lie in memory, is a view; what an op does along an axis needs a whole
/// side.
#pragma once

#include <optional>
#include <vector>

#include "weights/onnx/translate.h"

namespace hdecomp::onnx {

enum class Side { channels, height, width };

/// A set of sides.
using Sides = unsigned;
constexpr Sides set_of(Side side) { return 1u << static_cast<unsigned>(side); }

/// The sides that the axis counts, each of them whole: none for an axis of one; nothing for one
/// that counts a part of a side. `axis` is not the batch's.
std::optional<Sides> sides_of(const Net& net, const Value& value, size_t axis);
/// The only side that an axis counts. Of sides of one cell or channel, those of NCHW and NHWC are
/// known by their places.
std::optional<Side> side_of(const Net& net, const Value& value, size_t axis);
/// The axis of `value` that counts channels, if there is one. Throws UserError in the second form.
std::optional<size_t> find_channel_axis(const Net& net, const Value& value);
size_t channel_axis(const Net& net, const Value& value);

/// The channels as (outer, size, inner), the middle of which an axis counts.
struct ChannelCut {
  int64_t outer = 1, size = 1, inner = 1;
};
/// If the axis counts a part of the channels, or all of them.
std::optional<ChannelCut> channel_cut(const Net& net, const Value& value, size_t axis);
/// Neighbouring channels.
struct ChannelRun {
  int64_t first = 0, count = 0;
};
/// Those channels that have one of `places` on the axis, in the order of memory. Throws UserError
/// if they are very many runs.
std::vector<ChannelRun> channels_at(const ChannelCut& cut, const std::vector<int64_t>& places);

/// Whether both orders of memory are one: of a single cell, or a single channel.
bool is_in_any_order(const Net& net, const Value& value);
/// The value's node where the axes are (c, h, w), else UserError.
int as_map(const Net& net, const Value& value);
/// `value` seen with other dims in the same order of memory.
Value reshaped(Value value, const std::vector<int64_t>& dims);
/// How the result of two features is seen. One of a single channel or cell lies in any order.
/// Throws UserError where one is not broadcast to the other.
Value seen_together(const Net& net, const Value& a, const Value& b);
/// A constant's number for each element (c, h, w) of the value's node, to which it is broadcast.
std::vector<float> numbers_of_elements(const Net& net, const Value& value, const Constant& constant,
                                       SizeBudget& budget);

}  // namespace hdecomp::onnx
