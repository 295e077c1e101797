/// A node's attributes by name, and the arithmetic of axes and extents that ops share.
#pragma once

#include <string>
#include <vector>

#include "weights/onnx/constant.h"

namespace hdecomp::onnx {

int64_t integer(const RawNode& node, const std::string& name, int64_t otherwise);
float real(const RawNode& node, const std::string& name, float otherwise);
std::string text(const RawNode& node, const std::string& name, const std::string& otherwise);
std::vector<int64_t> integers(const RawNode& node, const std::string& name);

/// Negative axes count from the end. Throws UserError beyond `rank`.
size_t axis_of(int64_t axis, size_t rank);

/// ONNX's Reshape: 0 keeps a dimension (unless `zeros` are meant), -1 takes what is left.
std::vector<int64_t> resolve_reshape(const std::vector<int64_t>& from, std::vector<int64_t> to,
                                     bool zeros);
std::vector<int64_t> unsqueezed_dims(const std::vector<int64_t>& dims, std::vector<int64_t> axes);
/// No axes: all of size 1.
std::vector<int64_t> squeezed_dims(const std::vector<int64_t>& dims, std::vector<int64_t> axes);

/// One axis of a Slice; `begin` lies inside the dimension.
struct SliceRange {
  size_t axis = 0;
  int64_t begin = 0, end = 0, step = 1;
};

/// Range `which` of a Slice by its inputs or, up to opset 9, its attributes.
SliceRange slice_range(const RawNode& node, const std::vector<ConstantPtr>& inputs, size_t which,
                       const std::vector<int64_t>& dims);
/// The places that a range takes, in its order.
std::vector<int64_t> places_of(const SliceRange& range);
size_t slice_ranges(const RawNode& node, const std::vector<ConstantPtr>& inputs);

}  // namespace hdecomp::onnx
