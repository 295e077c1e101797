/// Attributes with their defaults; reshapes, axes and slices resolved.
#include "weights/onnx/attributes.h"

#include <algorithm>

#include "hdecomp/error.h"

namespace hdecomp::onnx {
namespace {

const Attribute* find(const RawNode& node, const std::string& name) {
  const auto found = node.attributes.find(name);
  return found == node.attributes.end() ? nullptr : &found->second;
}

/// A Slice's list, of an input or an attribute.
std::vector<int64_t> list(const RawNode& node, const std::vector<ConstantPtr>& inputs, size_t input,
                          const std::string& attribute) {
  if (inputs.size() > 1) {
    return input < inputs.size() && inputs[input] ? inputs[input]->integers
                                                  : std::vector<int64_t>{};
  }
  return integers(node, attribute);
}

}  // namespace

int64_t integer(const RawNode& node, const std::string& name, int64_t otherwise) {
  const Attribute* found = find(node, name);
  return found == nullptr ? otherwise : found->integer;
}
float real(const RawNode& node, const std::string& name, float otherwise) {
  const Attribute* found = find(node, name);
  return found == nullptr ? otherwise : found->real;
}
std::string text(const RawNode& node, const std::string& name, const std::string& otherwise) {
  const Attribute* found = find(node, name);
  return found == nullptr ? otherwise : found->text;
}
std::vector<int64_t> integers(const RawNode& node, const std::string& name) {
  const Attribute* found = find(node, name);
  return found == nullptr ? std::vector<int64_t>{} : found->integers;
}

size_t axis_of(int64_t axis, size_t rank) {
  const auto count = static_cast<int64_t>(rank);
  if (axis < -count || axis >= count) throw UserError(joined("axis ", axis, " of ", rank));
  return static_cast<size_t>(axis < 0 ? axis + count : axis);
}

std::vector<int64_t> resolve_reshape(const std::vector<int64_t>& from, std::vector<int64_t> to,
                                     bool zeros) {
  const int64_t total = elements_of(from, "Reshape's input");
  int open = -1;
  for (size_t i = 0; i < to.size(); ++i) {
    if (to[i] == 0 && !zeros) {
      if (i >= from.size()) throw UserError("Reshape keeps a dimension that its input has not");
      to[i] = from[i];
    }
    if (to[i] != -1) continue;
    if (open >= 0) throw UserError("Reshape with two open dimensions");
    open = static_cast<int>(i);
    to[i] = 1;
  }
  const int64_t fixed = elements_of(to, "Reshape's result");
  if (open >= 0 && fixed > 0) to[open] = total / fixed;
  if (elements_of(to, "Reshape's result") != total) {
    throw UserError(joined("Reshape of ", total, " elements to another number of them"));
  }
  return to;
}

std::vector<int64_t> unsqueezed_dims(const std::vector<int64_t>& dims, std::vector<int64_t> axes) {
  const size_t rank = dims.size() + axes.size();
  if (rank > 8) throw UserError("Unsqueeze to more than 8 dimensions");
  for (int64_t& axis : axes) axis = static_cast<int64_t>(axis_of(axis, rank));
  std::vector<int64_t> result = dims;
  std::ranges::sort(axes);
  for (const int64_t axis : axes) {
    if (axis > static_cast<int64_t>(result.size())) throw UserError("Unsqueeze of one axis twice");
    result.insert(result.begin() + axis, 1);
  }
  return result;
}

std::vector<int64_t> squeezed_dims(const std::vector<int64_t>& dims, std::vector<int64_t> axes) {
  for (int64_t& axis : axes) axis = static_cast<int64_t>(axis_of(axis, dims.size()));
  std::vector<int64_t> result;
  for (size_t i = 0; i < dims.size(); ++i) {
    const bool named = std::ranges::find(axes, static_cast<int64_t>(i)) != axes.end();
    if (named && dims[i] != 1) throw UserError("Squeeze of a dimension that is not 1");
    if (!named && !(axes.empty() && dims[i] == 1)) result.push_back(dims[i]);
  }
  return result;
}

std::vector<int64_t> places_of(const SliceRange& range) {
  std::vector<int64_t> places;
  for (int64_t i = range.begin; range.step > 0 ? i < range.end : i > range.end; i += range.step) {
    places.push_back(i);
  }
  return places;
}

size_t slice_ranges(const RawNode& node, const std::vector<ConstantPtr>& inputs) {
  return list(node, inputs, 1, "starts").size();
}

SliceRange slice_range(const RawNode& node, const std::vector<ConstantPtr>& inputs, size_t which,
                       const std::vector<int64_t>& dims) {
  const std::vector<int64_t> starts = list(node, inputs, 1, "starts"),
                             ends = list(node, inputs, 2, "ends"),
                             axes = list(node, inputs, 3, "axes"),
                             steps = list(node, inputs, 4, "");
  const bool whole = (axes.empty() || axes.size() == starts.size()) &&
                     (steps.empty() || steps.size() == starts.size());
  if (which >= starts.size() || ends.size() != starts.size() || !whole)
    throw UserError("Slice with lists of unequal length");
  SliceRange range;
  range.axis = axis_of(axes.empty() ? static_cast<int64_t>(which) : axes[which], dims.size());
  range.step = steps.empty() ? 1 : steps[which];
  const int64_t size = dims[range.axis];
  if (range.step == 0 || range.step < -size - 1 || size < 1)
    throw UserError(joined("Slice with a step of ", range.step));
  if (range.step > size) range.step = size;
  const auto bound = [&](int64_t at, int64_t least, int64_t most) {
    if (at < 0) at = at < -size ? -size - 1 : at;
    return std::clamp(at < 0 ? at + size : at, least, most);
  };
  const bool forward = range.step > 0;
  range.begin = bound(starts[which], 0, forward ? size : size - 1);
  range.end = bound(ends[which], forward ? 0 : -1, size);
  return range;
}

}  // namespace hdecomp::onnx
