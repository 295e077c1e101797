/// Cuts a level's decisions into batches whose gradients fit a memory limit.
#pragma once

#include <functional>
#include <vector>

#include "runtime/network/window_executor.h"

namespace hdecomp {

/// The layers that a level's gradients go between.
struct LayerPair {
  int from = 0, to = 0;
};

/// Calls `body` with `neurons` in order, as many at a time as keep the largest gradient between the
/// two layers, and what ops work in beside it, within 64 MiB (512 MiB on a GPU), at least
/// one.
void for_each_batch(WindowExecutor& windows, const LayerPair& layers,
                    std::span<const Neuron> neurons,
                    const std::function<void(std::span<const Neuron>)>& body);

}  // namespace hdecomp
