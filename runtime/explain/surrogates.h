/// Whether the channels that a tree chose in a stage are enough for its class.
#pragma once

#include <vector>

#include "hdecomp/explainer.h"
#include "runtime/explain/network_runner.h"

namespace hdecomp {

/// Puts TreeLevel::surrogate into every tree of the last run's images: the network from the stage
/// on, once for each level. The trees' time is told as "surrogate", each one's part of it.
void add_surrogates(NetworkRunner& network, const TreeQuestion& question,
                    std::vector<Explained>& images);

}  // namespace hdecomp
