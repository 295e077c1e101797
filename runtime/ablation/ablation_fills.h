/// What ablation fills channels with.
#pragma once

#include <vector>

#include "runtime/ablation/ablation.h"

namespace hdecomp {

/// One value per channel of plan.to: its mean on this image, 0, or its mean over a data set. Throws
/// Error if plan.means are not there, or of another network.
std::vector<float> ablation_fills(const Context& context, const Executor& executor,
                                  const AblationPlan& plan, int64_t image);

}  // namespace hdecomp
