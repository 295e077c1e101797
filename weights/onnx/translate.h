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

/// The order in which an ONNX tensor's elements lie in memory, its node's feature being (c, h, w).
/// The batch is the first axis of all.
enum class Layout {
  map,   // (c, h, w)
  last,  // (h, w, c), as TensorFlow has it
};

/// An ONNX tensor: a constant, or a node's feature. `dims` may cut the feature into other axes than
/// its own three (views.h).
struct Value {
  ConstantPtr constant;
  int node = -1;
  std::vector<int64_t> dims;
  Layout layout = Layout::map;
  bool sole = false;    // nothing else reads the node: what follows may become a part of it
  bool spread = false;  // an Expand's: `dims` are those that sums and products broadcast it to
};

/// A node with its inputs looked up.
struct Call {
  const RawNode& node;
  std::vector<Value> inputs;  // without node and constant: left out
  Net& net;
  bool sole = false;  // one reader of its first output
  int64_t opset = 13;

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

/// All rules, by the op's name, and those of one file each.
const std::map<std::string, Rule>& rules();
void add_kernel_rules(std::map<std::string, Rule>& rules);
void add_product_rules(std::map<std::string, Rule>& rules);
void add_layout_rules(std::map<std::string, Rule>& rules);
void add_pad_rules(std::map<std::string, Rule>& rules);
void add_reduce_rules(std::map<std::string, Rule>& rules);
void add_norm_rules(std::map<std::string, Rule>& rules);
void add_part_rules(std::map<std::string, Rule>& rules);
void add_concat_rules(std::map<std::string, Rule>& rules);
void add_place_rules(std::map<std::string, Rule>& rules);
void add_attention_rules(std::map<std::string, Rule>& rules);
void add_cell_rules(std::map<std::string, Rule>& rules);
void add_choice_rules(std::map<std::string, Rule>& rules);
void add_resize_rules(std::map<std::string, Rule>& rules);
void add_arithmetic_rules(std::map<std::string, Rule>& rules);

/// A map (batch, c, h, w) of `node`, with the batch of the call's first input.
Value map_of(const Call& call, int node);
/// `values` for each of the channels of the call's first input. Throws UserError.
std::vector<float> per_channel(const Call& call, const Constant& values);

/// Rewrites chains of nodes into one: GELU by Erf, layer norm by means. The names of tensors stay.
void recognise_patterns(RawModel& model);

}  // namespace hdecomp::onnx
