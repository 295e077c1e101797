/// A network under construction: nodes with their shapes and weights, in the order of an ONNX
/// model's nodes.
#pragma once

#include <string>
#include <vector>

#include "nets/graph.h"
#include "weights/model/model_file.h"
#include "weights/onnx/constant.h"

namespace hdecomp::onnx {

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

class Net {
 public:
  Net(FeatureShape input, ConstantSource& source);

  /// Appends a node. Throws UserError if it does not fit its inputs.
  int append(Node node, std::vector<int> inputs);
  /// Appends a node with weights; they are counted against the file's size.
  int append(Node node, std::vector<int> inputs, std::vector<float> weight,
             std::vector<float> bias);
  /// After a node's fields or inputs were changed.
  void reshape(int node);
  /// y = scale x + shift per channel: a part of the node where it can be, else a node behind it.
  int scaled(int node, bool sole, const std::vector<double>& scale,
             const std::vector<double>& shift);
  /// ReLU or ReLU6, a part of the node where it can be, else of a node behind it.
  int activated(int node, bool sole, Activation activation);

  Graph& graph() { return graph_; }
  Node& node(int at) { return graph_.nodes.at(at); }
  const FeatureShape& shape(int at) const { return graph_.shapes.at(at); }
  std::vector<LayerWeights>& layers() { return layers_; }
  ConstantSource& source() { return source_; }

 private:
  FeatureShape shape_of(const Node& node) const;

  Graph graph_;
  std::vector<LayerWeights> layers_;
  ConstantSource& source_;
};

/// A network with no node that its scores do not depend on, names for all nodes and its stages.
void drop_unread(Net& net, int scores);

/// The last node before the map's height or width falls by a third or more, and the last map; each
/// such that every path from the image to the scores passes it. Pools are not taken.
std::vector<Stage> find_stages(const Graph& graph);

}  // namespace hdecomp::onnx
