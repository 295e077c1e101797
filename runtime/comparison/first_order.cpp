/// First-order drops and the rounding of exact ones.
#include "runtime/comparison/first_order.h"

#include <algorithm>
#include <cmath>

#include "hdecomp/error.h"
#include "kernels/gap/baselines.h"
#include "nets/op_traits.h"

namespace hdecomp {
namespace {

constexpr double unit_roundoff = 0x1p-24;  // of float32

double area_of(const Decomposition& step) { return static_cast<double>(step.height * step.width); }

/// Of the longest way from `to` up to `from`: how often a term of the decision's sum is rounded on
/// it.
int64_t roundings_between(const Graph& graph, int from, int to) {
  const std::vector<bool> between = nodes_between(graph, from, to);
  std::vector<int64_t> count(graph.nodes.size(), 0);
  for (int i = to + 1; i <= from; ++i) {
    if (!between[i]) continue;
    const Node& node = graph.nodes[i];
    for (const int input : node.inputs) count[i] = std::max(count[i], count[input]);
    const OpTraits& op = traits(node.op);
    int64_t weights = has_weights(node) ? 1 : 0;
    for (const int64_t dim : has_weights(node) ? weight_dims(graph, i) : std::vector<int64_t>{}) {
      weights *= dim;
    }
    count[i] +=
        op.roundings(node, graph.shapes[node.inputs.at(0)], weights / graph.shapes[i].channels);
  }
  return count.at(from);
}

}  // namespace

std::vector<float> contributions_above(const Decomposition& step, std::span<const float> fills) {
  if (fills.size() != step.contribution.size()) {
    throw Error(joined(fills.size(), " fills for ", step.contribution.size(), " channels"));
  }
  // As in clear_rounding: both means come from gap_reduce's sums, and so does a fill.
  std::vector<float> result;
  for (size_t k = 0; k < fills.size(); ++k) {
    const double whole = step.contribution[k], filled = double{fills[k]} * step.mean_gradient[k];
    const double left = whole - filled;
    const bool noise =
        std::abs(left) <= double{baseline_rounding} * (std::abs(whole) + std::abs(filled));
    result.push_back(noise ? 0.0f : static_cast<float>(left));
  }
  return result;
}

std::vector<float> first_order_drops(const Decomposition& step, std::span<const float> fills) {
  std::vector<float> drops = contributions_above(step, fills);
  for (float& drop : drops) drop = static_cast<float>(drop * area_of(step));
  return drops;
}

/// Where the gates of ReLU and max-pool stay, a decision is a sum of terms: F = sum over the
/// channels of c_k + bias part, c_k = sum of A. Each term is rounded m times on its way up, so that
/// the computed F is sum of c_k (1 + theta_k) with |theta_k| <= lambda sqrt(m) u, u = 2^-24, but
/// with a probability of 2 m exp(-lambda^2 (1 - u)^2 / 2) (Higham and Mary, "A new approach to
/// probabilistic rounding error analysis", 2019, Theorem 2.4; 6e-5 for lambda = 6 and m = 2,000).
/// The error of F is at most that times the terms' magnitudes S = sum of |c_k| + |bias part|. A
/// drop is the difference of two such values, so twice that. Drops beyond it are effects of the
/// fill. In a net with global average pooling m is 1 + H W + channels from the last stage, and S
/// is the sum of the products' magnitudes itself; across more layers, terms that cancel inside a
/// channel make the bound smaller than the worst case, never larger.
double rounding_of_drops(const Graph& graph, int from, int to, const Decomposition& step) {
  constexpr double lambda = 6;
  double magnitudes = std::abs(step.value - step.total);
  for (const float alpha : step.contribution) magnitudes += std::abs(alpha) * area_of(step);
  const auto m = static_cast<double>(roundings_between(graph, from, to));
  return 2 * lambda * std::sqrt(m) * unit_roundoff * magnitudes;
}

bool within_rounding(std::span<const float> drops, double rounding) {
  return std::ranges::all_of(drops, [&](float drop) { return std::abs(drop) <= rounding; });
}

}  // namespace hdecomp
