/// What a gAP step says of an ablation beforehand: the first-order estimate of each drop, and how
/// large a drop rounding alone can make.
#pragma once

#include <span>
#include <vector>

#include "hdecomp/tree.h"
#include "nets/graph.h"

namespace hdecomp {

/// AF: of each channel the sum over the map of G * (F - fill), its drop in the network that is
/// linear beyond this point. Exactly 0 where the sum of G * F and fill * sum of G, the numbers that
/// it is the difference of, agree but for their rounding. Throws Error unless there is one fill per
/// channel.
std::vector<float> first_order_drops(const Decomposition& step, std::span<const float> fills);

/// The same per cell of the map, so in the unit of Eq. 4: the contributions whose baseline is
/// `fills`.
std::vector<float> contributions_above(const Decomposition& step, std::span<const float> fills);

/// The largest drop that float32 rounding alone can make of a step from layer `from` into `to`.
double rounding_of_drops(const Graph& graph, int from, int to, const Decomposition& step);

/// Whether no drop is larger: the fill changes nothing here.
bool within_rounding(std::span<const float> drops, double rounding);

}  // namespace hdecomp
