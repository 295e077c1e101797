/// A known architecture is recognised by what its nodes compute, not by their names.
#include "weights/import/known_network.h"

#include <algorithm>

#include "hdecomp/error.h"
#include "nets/layer_names.h"

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

/// KnownNetwork::nodes if `graph` has the outline's ops and wires; widths aside.
std::optional<std::vector<int>> nodes_of_form(const Graph& graph, const Graph& outline) {
  std::vector<int> nodes{0};
  const int count = static_cast<int>(graph.nodes.size());
  for (int i = 1, next = 1; i <= outline.scores(); ++i) {
    const Node& node = outline.nodes[i];
    std::vector<int> inputs;
    for (const int input : node.inputs) inputs.push_back(nodes[input]);
    if (next < count && same_op(graph.nodes[next], node) && graph.nodes[next].inputs == inputs) {
      nodes.push_back(next++);
    } else if (changes_nothing(outline, i)) {
      nodes.push_back(inputs[0]);
    } else {
      return {};
    }
  }
  if (nodes.back() + 1 != count) return {};
  return nodes;
}

/// Of equally many steps, how they were rounded and where a maximum's padding ends says nothing.
bool same_kernel(const KernelAxis& a, KernelAxis b, Op op) {
  if (op == Op::max_pool) b.pad_end = a.pad_end;
  return a == b;
}

/// All that decides a node's value beside its inputs and weights, of two outputs of one shape.
bool computes_same(const Node& a, const Node& b) {
  return a.activation == b.activation && a.out_channels == b.out_channels &&
         same_kernel(a.y, b.y, a.op) && same_kernel(a.x, b.x, a.op) &&
         a.count_padding == b.count_padding && a.groups == b.groups && a.pool_size == b.pool_size &&
         a.first_channel == b.first_channel && a.function == b.function && a.lrn == b.lrn &&
         a.epsilon == b.epsilon;
}

bool computes_same(const Graph& graph, const KnownNetwork& known) {
  for (int i = 0; i <= known.graph.scores(); ++i) {
    const int node = known.nodes[i];
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
  if (!computes_same(graph, known)) return {};
  return known;
}

std::optional<KnownNetwork> as_arch(const Family& family, const std::string& arch,
                                    const Graph& graph) {
  NetParams params = family.defaults(arch);
  params.input_size = graph.shapes[0].width;
  const Graph outline = build_graph(params);
  const auto nodes = nodes_of_form(graph, outline);
  if (!nodes) return {};
  for (const bool stride_in_1x1 : {false, true}) {
    params.stride_in_1x1 = stride_in_1x1;
    if (auto known = fitted(family, params, outline, *nodes, graph)) return known;
  }
  return {};
}

}  // namespace

std::optional<KnownNetwork> known_network(const Graph& graph) {
  const FeatureShape& image = graph.shapes.at(0);
  if (image.channels != 3 || image.height != image.width || !graph.has_scores) return {};
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
