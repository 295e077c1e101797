/// What ablation fills channels with.
#pragma once

#include <vector>

#include "runtime/ablation/ablation.h"

namespace hdecomp {

/// One value per channel of question.to: its mean on this image, 0, or its mean over a data set.
/// Throws Error if question.means are not there, or of another network.
std::vector<float> ablation_fills(const Context& context, const Executor& executor,
                                  const AblationQuestion& question, int64_t image);

}  // namespace hdecomp
