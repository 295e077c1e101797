/// What a network is: plain data, a list of nodes in the order they are computed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/core/activation.h"
#include "kernels/core/scalar_function.h"
#include "kernels/core/sliding.h"

namespace hdecomp {

/// In the order of the rows of nets/op_table.cpp, which say what each is.
enum class Op {
  input,
  conv,
  linear,
  max_pool,
  avg_pool,
  adaptive_avg_pool,
  add,
  sub,
  mul,
  div,
  concat,
  activation,
  prelu,
  affine,
  slice,
  pad,
  channel_shuffle,
  lrn,
  layer_norm,
  channel_max,
  max,
  gather,
  space_to_depth,
  depth_to_space,
  affine_map,
};
constexpr size_t op_count = static_cast<size_t>(Op::affine_map) + 1;  // of the last one

/// Local response normalisation: y_c = x_c / (k + alpha / size * s)^beta, where s is the sum of x^2
/// over `size` channels from c - before on.
struct ResponseNorm {
  int64_t size = 5, before = 2;
  float alpha = 1e-4f, beta = 0.75f, k = 1;

  bool operator==(const ResponseNorm&) const = default;
};

/// One computed tensor. An activation is part of the node it follows, so a node's output is the
/// paper's feature F (taken after ReLU). Behind each field: the ops that read it. nets/README.md
/// says what each op computes, node_numbers.h which fields files keep.
struct Node {
  Op op = Op::input;
  std::string name;                          // canonical: "conv5_3", "layer3.2.conv2"
  std::vector<int> inputs;                   // positions in Graph::nodes, all before this node
  Activation activation = Activation::none;  // those whose traits let them end in one
  int64_t out_channels = 0;                  // conv, linear, slice, pad
  // conv, max_pool, avg_pool; pad: its pads alone; gather: size, stride, pad and dilation;
  // space_to_depth, depth_to_space: size and stride alike, the block's
  KernelAxis y, x;
  Rounding rounding = Rounding::down;  // max_pool, avg_pool: of their extent
  bool count_padding = false;          // avg_pool: padding counts as zeros of the mean
  int64_t groups = 1;                  // conv, channel_shuffle
  int64_t pool_size = 1;               // adaptive_avg_pool: output height and width
  int64_t first_channel = 0;           // slice, pad: the input's channel that becomes channel 0
  ScalarFunction function;             // activation
  ResponseNorm lrn;                    // lrn
  float epsilon = 1e-5f;               // layer_norm
  // A 1x1 convolution that some files of the architecture do without: they take every stride-th
  // pixel, between channels of zeros (the shortcut A of He et al. 2016). Its weights are then 0
  // and 1.
  bool may_be_absent = false;

  // Other dialects' names for this node; the first of each list is the layer that holds the
  // weights.
  std::vector<std::string> torchvision;
  std::vector<std::string> keras;
  std::string torchvision_bn;  // the batch norm to fold into this convolution, if there is one
  std::string keras_bn;

  bool operator==(const Node&) const = default;
};

/// Channels, height and width of a node's output; a linear layer's is (units, 1, 1).
struct FeatureShape {
  int64_t channels = 0, height = 0, width = 0;
  int64_t elements() const { return channels * height * width; }
  bool operator==(const FeatureShape&) const = default;
};

struct Stage {
  std::string name;  // "layer3"; the node's own name where the stage has no other
  int node = 0;
};

struct Graph {
  std::string arch;
  std::vector<Node> nodes;           // nodes[0] is the input image, the last one the class scores
  bool has_scores = true;            // else the last one's are features: a network without its head
  std::vector<Stage> stage_ends;     // the paper's stages 1 to L, first to last
  std::vector<FeatureShape> shapes;  // one per node

  int scores() const { return static_cast<int>(nodes.size()) - 1; }
};

/// The nodes of the stage ends, the last stage first: the levels of a whole tree.
std::vector<int> stages_from_above(const Graph& graph);

/// Fills graph.shapes. Throws UserError, one line that names the layer, if a node's inputs or its
/// own numbers do not fit it, or a kernel its input: safe for graphs from files.
void infer_shapes(Graph& graph, FeatureShape input);

/// Whether a node has weights of its own.
bool has_weights(const Node& node);

/// The weight's extent, of a node that has one.
std::vector<int64_t> weight_dims(const Graph& graph, int node);
/// The bias's: one number per row of the weight; none for a prelu, which has no bias.
std::vector<int64_t> bias_dims(const Graph& graph, int node);

/// Marks each node that `from`'s value depends on through node `to`: the nodes a gradient from
/// `from` to `to` passes, both included. All false if `to` is not below `from`.
std::vector<bool> nodes_between(const Graph& graph, int from, int to);
/// Whether `from` is computed from `to`, another node.
bool is_below(const Graph& graph, int to, int from);
/// nodes_between. Throws Error that names both if `to` is not below `from`.
std::vector<bool> nodes_down_to(const Graph& graph, int from, int to);

}  // namespace hdecomp
