/// Saliency maps as they are compared: summed over their channels, with their ranks.
#pragma once

#include <vector>

#include "runtime/experiments/map_similarity.h"
#include "runtime/saliency/saliency_net.h"

namespace hdecomp {

/// By method, by image.
using MethodMaps = std::vector<SaliencyMaps>;

/// A map's sums over its channels, and their ranks, which many maps are compared with.
struct SummedMap {
  explicit SummedMap(const SaliencyMap& map)
      : with_sign(map.signed_sum()),
        size(map.absolute_sum()),
        sign_ranks(ranks_of(with_sign)),
        size_ranks(ranks_of(size)) {}

  std::vector<float> with_sign, size;
  std::vector<double> sign_ranks, size_ranks;
};
using SummedMaps = std::vector<std::vector<SummedMap>>;

SummedMaps summed(const MethodMaps& maps);

/// By turn, the maps of inputs (n, 3, h, w). `begin` is called with a turn's number before its
/// first map, while the network's features are the inputs': it may still change the turn's classes
/// where they lie. The features are other inputs' when it returns.
std::vector<MethodMaps> maps_by(const std::vector<SaliencyOptions>& questions,
                                std::vector<SaliencyTurn> turns, const Tensor& inputs,
                                const std::function<void(size_t)>& begin);

}  // namespace hdecomp
