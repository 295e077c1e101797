/// The numbers that a node is computed with, each with its name: what files keep of it beside its
/// op, its inputs and its names, and what nodes that compute the same have the same.
#pragma once

#include <tuple>

#include "nets/graph.h"

namespace hdecomp {

template <class T>
struct NodeNumber {
  const char* name;
  T& value;

  bool operator==(const NodeNumber& other) const { return value == other.value; }
};
template <class T>
NodeNumber(const char*, T&) -> NodeNumber<T>;

/// In the order in which files have them. All fields of Node and of its parts are bound by name: a
/// new one does not compile until it is named here, and then belongs into the list if it computes.
template <class AnyNode>
auto node_numbers(AnyNode& node) {
  auto& [op, name, inputs, activation, out_channels, y, x, rounding, count_padding, groups,
         pool_size, first_channel, function, lrn, epsilon, may_be_absent, torchvision, keras,
         torchvision_bn, keras_bn] = node;
  auto& [kind, alpha, beta] = function;
  auto& [lrn_size, lrn_before, lrn_alpha, lrn_beta, lrn_k] = lrn;
  return std::tuple(NodeNumber{"out_channels", out_channels}, NodeNumber{"groups", groups},
                    NodeNumber{"pool_size", pool_size}, NodeNumber{"first_channel", first_channel},
                    NodeNumber{"alpha", alpha}, NodeNumber{"beta", beta},
                    NodeNumber{"lrn_size", lrn_size}, NodeNumber{"lrn_before", lrn_before},
                    NodeNumber{"lrn_alpha", lrn_alpha}, NodeNumber{"lrn_beta", lrn_beta},
                    NodeNumber{"lrn_k", lrn_k}, NodeNumber{"epsilon", epsilon},
                    NodeNumber{"activation", activation}, NodeNumber{"y", y}, NodeNumber{"x", x},
                    NodeNumber{"ceil", rounding}, NodeNumber{"count_padding", count_padding},
                    NodeNumber{"function", kind});
}

/// Calls field(name, value) for each of them.
template <class AnyNode, class Field>
void each_number(AnyNode& node, Field&& field) {
  std::apply([&](const auto&... number) { (field(number.name, number.value), ...); },
             node_numbers(node));
}

inline bool same_numbers(const Node& a, const Node& b) {
  return node_numbers(a) == node_numbers(b);
}

}  // namespace hdecomp
