/// Two classes against each other: a network of one output, the difference of two of another's.
#pragma once

#include <memory>

#include "weights/model/model_file.h"

namespace hdecomp {

/// The network with one layer more, whose score is score `one` - score `other`; minus that is its
/// other side's. The sigmoid of it is the probability of `one` where the two are the only classes.
/// The layers below are the given network's, weights and all; the file is its, too.
std::shared_ptr<const ModelData> versus(const std::shared_ptr<const ModelData>& model, int64_t one,
                                        int64_t other);

/// The node of a network's own class scores: below the difference, where there is one.
int own_scores(const ModelData& model);

}  // namespace hdecomp
