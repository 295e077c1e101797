/// GraphBuilder: the few steps that all families' builders are made of.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "nets/graph.h"

namespace hdecomp {

/// A node's names in the two foreign dialects; each list begins with the layer that holds the
/// weights.
struct Aliases {
  std::vector<std::string> torchvision;
  std::vector<std::string> keras;
  std::string torchvision_bn;
  std::string keras_bn;
};

struct Kernel {
  int64_t size = 3, stride = 1, pad = 1, dilation = 1;
};

/// Each step appends a node that reads `input` and returns its position.
class GraphBuilder {
 public:
  explicit GraphBuilder(std::string arch);

  int input() const { return 0; }
  int conv(int input, const std::string& name, int64_t channels, Kernel kernel,
           Activation activation, const Aliases& aliases, int64_t groups = 1);
  int linear(int input, const std::string& name, int64_t units, Activation activation,
             const Aliases& aliases);
  int max_pool(int input, const std::string& name, Kernel kernel, const Aliases& aliases,
               Rounding rounding = Rounding::down);
  int adaptive_avg_pool(int input, const std::string& name, int64_t size, const Aliases& aliases);
  int add(int first, int second, const std::string& name, Activation activation,
          const Aliases& aliases);
  int concat(std::vector<int> inputs, const std::string& name, const Aliases& aliases);
  /// Any op: `node` with all that it is planned with; its names are the aliases'.
  int node(Node node, std::vector<int> inputs, const std::string& name, const Aliases& aliases);
  /// The linear layers that VGG and AlexNet end with: fc6, fc7, ... of `hidden` units with a ReLU
  /// each, then the class scores. In torchvision's Sequential `classifier` each has three modules,
  /// the first linear layer at `first`. `keras`: it has names there.
  void classifier(int input, const std::vector<int64_t>& hidden, int64_t classes, int first,
                  bool keras);
  void stage_end(const std::string& name, int node);
  /// Marks a convolution; see Node::may_be_absent.
  void may_be_absent(int node) { graph_.nodes.at(node).may_be_absent = true; }

  Graph take() { return std::move(graph_); }

 private:
  int append(Op op, const std::string& name, std::vector<int> inputs, const Aliases& aliases);

  Graph graph_;
};

}  // namespace hdecomp
