/// Class scores that were computed beside the network's own runs.
#pragma once

#include <vector>

#include "hdecomp/model.h"
#include "runtime/network/forward_run.h"

namespace hdecomp {

/// Scores, one row an item, as a run of as many images would leave them on the host.
ForwardRun scores_as_run(const Model& model, const std::vector<std::vector<float>>& scores);

}  // namespace hdecomp
