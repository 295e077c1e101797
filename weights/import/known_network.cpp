/// A known architecture is recognised by what its nodes compute, not by their names.
#include "weights/import/known_network.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <mutex>

#include "hdecomp/error.h"
#include "nets/layer_names.h"
#include "nets/node_numbers.h"

namespace hdecomp {
namespace {

/// An adaptive pool to the size that its map has already: exporters leave it out.
bool changes_nothing(const Graph& graph, int node) {
  const Node& pool = graph.nodes[node];
  if (pool.op != Op::adaptive_avg_pool) return false;
  const FeatureShape& in = graph.shapes[pool.inputs[0]];
  return in.height == pool.pool_size && in.width == pool.pool_size;
}

bool tiles(const KernelAxis& axis) {
  return axis.stride == axis.size && axis.pad == 0 && axis.pad_end == 0 && axis.dilation == 1;
}

/// Whether a node may stand where the outline has `other`: exporters write an adaptive pool as the
/// pool that it is on maps of one size.
bool same_op(const Node& node, const Node& other) {
  if (node.op == other.op) return true;
  return other.op == Op::adaptive_avg_pool && node.op == Op::avg_pool && tiles(node.y) &&
         tiles(node.x);
}

/// In place of a concatenation that the file has as a part of another.
constexpr int absent = -1;

void add_parts(const Graph& graph, int node, size_t most, std::vector<int>& parts) {
  for (const int input : graph.nodes[node].inputs) {
    if (parts.size() > most) return;
    if (graph.nodes[input].op == Op::concat) {
      add_parts(graph, input, most, parts);
    } else {
      parts.push_back(input);
    }
  }
}

/// What a node reads, so that nodes which compute the same have the same: exporters write the
/// factors and the terms of one in either order, of which the sums and products of floats are the
/// same, and a dense block's concatenations of all its layers' outputs in place of one by one.
std::vector<int> inputs_of(const Graph& graph, int node, size_t most) {
  if (graph.nodes[node].op == Op::concat) return concatenated(graph, node, most);
  return graph.nodes[node].inputs;
}

bool same_inputs(Op op, std::vector<int> a, std::vector<int> b) {
  if (op == Op::add || op == Op::mul) {
    std::ranges::sort(a);
    std::ranges::sort(b);
  }
  return a == b;
}

/// KnownNetwork::nodes if `graph` has the outline's ops and wires; widths aside.
std::optional<std::vector<int>> nodes_of_form(const Graph& graph, const Graph& outline) {
  std::vector<int> nodes{0};
  const int count = static_cast<int>(graph.nodes.size());
  for (int i = 1, next = 1; i <= outline.scores(); ++i) {
    const Node& node = outline.nodes[i];
    std::vector<int> inputs;
    for (const int input : inputs_of(outline, i, outline.nodes.size()))
      inputs.push_back(nodes[input]);
    if (next < count && same_op(graph.nodes[next], node) &&
        same_inputs(node.op, inputs_of(graph, next, inputs.size()), inputs)) {
      nodes.push_back(next++);
    } else if (node.op == Op::concat) {
      nodes.push_back(absent);
    } else if (changes_nothing(outline, i)) {
      nodes.push_back(inputs[0]);
    } else {
      return {};
    }
  }
  if (nodes.back() + 1 != count) return {};
  return nodes;
}

/// All that decides a node's value beside its inputs and weights, of two outputs of one shape: of
/// equally many steps, how they were rounded and where a maximum's padding ends says nothing.
bool computes_same(const Node& a, Node b) {
  b.rounding = a.rounding;
  if (a.op == Op::max_pool) b.y.pad_end = a.y.pad_end, b.x.pad_end = a.x.pad_end;
  return same_numbers(a, b);
}

bool computes_same(const Graph& graph, const KnownNetwork& known) {
  for (int i = 0; i <= known.graph.scores(); ++i) {
    const int node = known.nodes[i];
    if (node == absent) continue;
    if (graph.shapes[node] != known.graph.shapes[i]) return false;
    if (graph.nodes[node].op != known.graph.nodes[i].op) continue;  // an adaptive pool
    if (!computes_same(graph.nodes[node], known.graph.nodes[i])) return false;
  }
  return true;
}

/// Widths as they are in `graph`, whose nodes are those of `outline`; empty if it is no such
/// network.
std::optional<KnownNetwork> fitted(const Family& family, NetParams params, const Graph& outline,
                                   const std::vector<int>& nodes, const Graph& graph) {
  const WeightDims dims = [&](const std::string& layer) {
    return weight_dims(graph, nodes.at(find_layer(outline, layer)));
  };
  family.fit(params, dims);
  if (family.matches != nullptr && !family.matches(params.arch, dims)) return {};
  KnownNetwork known{params, build_graph(params), nodes};
  const bool same_nodes = known.graph.nodes.size() == outline.nodes.size();  // a shortcut less
  if (!same_nodes || !computes_same(graph, known)) return {};
  return known;
}

/// As the architecture with these parameters' nodes.
std::optional<KnownNetwork> in_form(const Family& family, NetParams params, const Graph& graph) {
  params.input_size = {graph.shapes[0].height, graph.shapes[0].width};
  const Graph outline = build_graph(params);
  const auto nodes = nodes_of_form(graph, outline);
  if (!nodes) return {};
  for (const bool stride_in_1x1 : {false, true}) {
    params.stride_in_1x1 = stride_in_1x1;
    if (auto known = fitted(family, params, outline, *nodes, graph)) return known;
  }
  return {};
}

/// The first two widths as the first two convolutions of the file have them: those of a residual
/// net's stem and first block, which say whether it has a convolution beside it.
NetParams with_own_stem(NetParams params, const Graph& graph) {
  size_t width = 0;
  for (const Node& node : graph.nodes) {
    if (node.op != Op::conv) continue;
    params.widths.at(width) = node.out_channels;
    if (++width == 2) break;
  }
  return params;
}

int64_t convolutions(const Graph& graph) {
  return std::ranges::count(graph.nodes, Op::conv, &Node::op);
}

/// Of the architecture as it is published. Counted once: most architectures are told apart from a
/// file's network by it, without being built for the file's image.
int64_t published_convolutions(const std::string& arch) {
  static std::mutex mutex;
  static std::map<std::string, int64_t> known;
  const std::scoped_lock lock(mutex);
  const auto [count, is_new] = known.try_emplace(arch, 0);
  if (is_new) count->second = convolutions(build_graph(default_params(arch)));
  return count->second;
}

std::optional<KnownNetwork> as_arch(const Family& family, const std::string& arch,
                                    const Graph& graph) {
  // Another stem may add or spare the first block's shortcut.
  if (std::abs(convolutions(graph) - published_convolutions(arch)) > 1) return {};
  const NetParams usual = family.defaults(arch);
  if (auto known = in_form(family, usual, graph)) return known;
  const NetParams own = with_own_stem(usual, graph);
  if (own.widths == usual.widths) return {};  // the same question
  return in_form(family, own, graph);
}

}  // namespace

std::vector<int> concatenated(const Graph& graph, int node, size_t most) {
  std::vector<int> parts;
  add_parts(graph, node, most, parts);
  return parts;
}

std::optional<KnownNetwork> known_network(const Graph& graph) {
  const FeatureShape& image = graph.shapes.at(0);
  if (image.channels != 3 || !graph.has_scores) return {};
  for (const Family& family : families()) {
    for (const std::string& arch : family.archs) {
      try {
        if (auto known = as_arch(family, arch, graph)) return known;
      } catch (const UserError&) {
        continue;  // an image too small for it, or widths that it cannot have
      }
    }
  }
  return {};
}

}  // namespace hdecomp
