/// What the maps of randomise must not be like: those of another image, of the second class, edges.
#pragma once

#include "runtime/experiments/randomise_row.h"

namespace hdecomp {

/// The inputs of those images alone, in their order, of a run's.
Tensor inputs_of(const Tensor& run, std::span<const MeasuredImage> images);

/// Of each image the most probable class beside its decision's.
std::vector<int64_t> second_classes(const NetworkRunner& network,
                                    std::span<const MeasuredImage> images);

/// For each image another one, as inputs on the host: the first of the candidates that it is not.
/// Nothing without any.
Tensor other_inputs(NetworkRunner& network, std::span<const MeasuredImage> images,
                    const std::vector<Image>& candidates);

/// Maps of the network as it is.
struct ControlMaps {
  const Tensor& inputs;      // (n, 3, h, w)
  const SummedMaps& before;  // theirs
  const MethodMaps& of_second;
  MethodMaps of_others;  // may be empty
};
/// Into each image's row.
void put_randomise_controls(const ControlMaps& maps, std::vector<RandomiseRow>& rows);

}  // namespace hdecomp
