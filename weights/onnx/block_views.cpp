/// Transposes that take the map apart into blocks, whose cells become channels: space to depth as
/// exporters spell it, a reshape before and behind it.
#include <algorithm>

#include "hdecomp/error.h"
#include "weights/onnx/lowered.h"

namespace hdecomp::onnx {
namespace {

using Axes = std::vector<int64_t>;

int64_t product_of(const Axes& axes, const Axes& dims) {
  int64_t product = 1;
  for (const int64_t axis : axes) product *= dims[axis];
  return product;
}

/// The next of `axes` that make up `size`; nothing if none do.
std::optional<Axes> next_axes(const Axes& axes, const Axes& dims, size_t& at, int64_t size) {
  Axes own;
  for (int64_t product = 1; product < size; ++at) {
    if (at == axes.size()) return std::nullopt;
    own.push_back(axes[at]);
    product *= dims[axes[at]];
    if (product > size) return std::nullopt;
  }
  return own;
}

/// The axes that each side is cut into.
struct Cut {
  Axes channels, height, width;
};

std::optional<Cut> cut_of(const FeatureShape& shape, bool last, const Axes& axes,
                          const Axes& dims) {
  Cut cut;
  size_t at = 0;
  const auto take = [&](Axes& to, int64_t size) {
    std::optional<Axes> own = next_axes(axes, dims, at, size);
    if (own) to = std::move(*own);
    return own.has_value();
  };
  const bool whole = (last || take(cut.channels, shape.channels)) &&
                     take(cut.height, shape.height) && take(cut.width, shape.width) &&
                     (!last || take(cut.channels, shape.channels)) && at == axes.size();
  return whole ? std::optional(cut) : std::nullopt;
}

/// The channels, cut into `from`, in the order `to`.
std::optional<int> reordered(Net& net, int in, const Axes& from, const Axes& to, const Axes& dims) {
  if (from == to) return in;
  for (size_t first = 1; first < from.size(); ++first) {
    Axes turned = from;
    std::rotate(turned.begin(), turned.begin() + static_cast<int64_t>(first), turned.end());
    if (turned == to)
      return channels_turned(net, in, product_of({from.begin(), from.begin() + first}, dims));
  }
  return std::nullopt;
}

}  // namespace

std::optional<Value> blocks_as_channels(Net& net, const Value& value, const Axes& from,
                                        const Axes& to, const Axes& dims) {
  const bool last = value.layout == Layout::last && !is_in_any_order(net, value);
  const std::optional<Cut> cut = cut_of(net.shape(value.node), last, from, dims);
  if (!cut || cut->height.empty() || cut->width.empty() || cut->height.size() > 2 ||
      cut->width.size() > 2)
    return std::nullopt;
  const Axes map{cut->height[0], cut->width[0]};
  Axes channels = cut->channels, wanted;
  for (const Axes* side : {&cut->height, &cut->width})
    channels.insert(channels.end(), side->begin() + 1, side->end());
  if (to.size() != channels.size() + 2) return std::nullopt;
  Value result = value;
  if (std::equal(map.begin(), map.end(), to.begin())) {
    result.layout = Layout::last;
    wanted.assign(to.begin() + 2, to.end());
  } else if (std::equal(map.begin(), map.end(), to.end() - 2)) {
    result.layout = Layout::map;
    wanted.assign(to.begin(), to.end() - 2);
  } else {
    return std::nullopt;
  }
  const auto block = [&](const Axes& side) { return side.size() == 2 ? dims[side[1]] : 1; };
  const int deep = blocks_to_channels(net, value.node, block(cut->height), block(cut->width));
  const std::optional<int> all = reordered(net, deep, channels, wanted, dims);
  if (!all) return std::nullopt;
  result.node = *all;
  return result;
}

}  // namespace hdecomp::onnx
