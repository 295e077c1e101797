/// A network under construction: nodes with their shapes and weights, in the order in which a
/// foreign file's layers are read.
#pragma once

#include <string>
#include <vector>

#include "nets/graph.h"
#include "weights/file/size_budget.h"
#include "weights/model/model_file.h"

namespace hdecomp::general {

class Net {
 public:
  Net(FeatureShape input, SizeBudget& budget);

  /// Appends a node, which drop_unread names. Throws UserError if it does not fit its inputs: what
  /// reads the file knows which layer it is.
  int append(Node node, std::vector<int> inputs);
  /// The same of a node that is nothing but its op.
  int append(Op op, std::vector<int> inputs);
  /// Appends a node with weights; they are counted against the file's size.
  int append(Node node, std::vector<int> inputs, std::vector<float> weight,
             std::vector<float> bias);
  /// After a node's fields or inputs were changed.
  void reshape(int node);
  /// y = scale x + shift per channel: a part of the node where it can be, else a node behind it.
  int scaled(int node, bool sole, const std::vector<double>& scale,
             const std::vector<double>& shift);
  /// The same with one number each for all channels.
  int scaled(int node, bool sole, double scale, double shift);
  /// ReLU or ReLU6, a part of the node where it can be, else of a node behind it.
  int activated(int node, bool sole, Activation activation);

  Graph& graph() { return graph_; }
  Node& node(int at) { return graph_.nodes.at(at); }
  const FeatureShape& shape(int at) const { return graph_.shapes.at(at); }
  std::vector<LayerWeights>& layers() { return layers_; }
  SizeBudget& budget() { return budget_; }

 private:
  FeatureShape shape_of(const Node& node) const;

  Graph graph_;
  std::vector<LayerWeights> layers_;
  SizeBudget& budget_;
};

/// Appends the luminance of the image, which has red, green and blue, as JPEG and PNG have it.
int append_luminance(Net& net);

/// A network with no node that its scores do not depend on, names for all nodes and its stages.
void drop_unread(Net& net, int scores);

}  // namespace hdecomp::general
