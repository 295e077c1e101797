/// From ONNX nodes to the nodes of a Net, op by op.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "weights/general/net.h"
#include "weights/onnx/constant.h"
#include "weights/onnx/schema.h"

namespace hdecomp::onnx {

using general::Net;

/// How an ONNX tensor's axes lie over its node's feature (c, h, w). The batch is the first axis of
/// all. `groups` belongs to split and swapped.
enum class Layout {
  map,        // (c, h, w)
  last,       // (h, w, c), as TensorFlow has it
  flat,       // (c h w)
  flat_last,  // (h w c)
  split,      // (groups, c / groups, h, w)
  swapped,    // (c / groups, groups, h, w): not in the feature's own order
};

/// An ONNX tensor: a constant, or a node's feature.
struct Value {
  ConstantPtr constant;
  int node = -1;
  std::vector<int64_t> dims;
  Layout layout = Layout::map;
  int64_t groups = 1;
  bool sole = false;  // nothing else reads the node: what follows may become a part of it
};

/// A node with its inputs looked up.
struct Call {
  const RawNode& node;
  std::vector<Value> inputs;  // without node and constant: left out
  Net& net;
  bool sole = false;  // one reader of its first output

  /// An input that must be a node's feature / a constant. Throws UserError.
  const Value& feature(size_t i) const;
  const Constant& constant(size_t i) const;
  bool has(size_t i) const {
    return i < inputs.size() && (inputs[i].constant || inputs[i].node >= 0);
  }
  std::vector<ConstantPtr> constants() const;
  /// As input `i`, but another node and, if given, other dims.
  Value as(size_t i, int other) const;
};

/// A rule of one op: its outputs.
using Rule = std::vector<Value> (*)(const Call& call);

/// The rules of one file each, by the op's name.
void add_kernel_rules(std::map<std::string, Rule>& rules);
void add_product_rules(std::map<std::string, Rule>& rules);
void add_layout_rules(std::map<std::string, Rule>& rules);
void add_part_rules(std::map<std::string, Rule>& rules);
void add_cell_rules(std::map<std::string, Rule>& rules);
void add_arithmetic_rules(std::map<std::string, Rule>& rules);

/// `value` seen with other dims in the same order of memory.
Value reshaped(Net& net, Value value, const std::vector<int64_t>& dims);
/// The axis of `value` that counts channels. Throws UserError if there is none.
size_t channel_axis(Net& net, const Value& value);
/// The value's node where the axes are (c, h, w), else UserError.
int as_map(const Value& value);

/// Rewrites chains of nodes into one: GELU by Erf, layer norm by means. The names of tensors stay.
void recognise_patterns(RawModel& model);

}  // namespace hdecomp::onnx
