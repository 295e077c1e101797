/// A decision as the sum that it is, in a sentence and as bars.
#pragma once

#include <string>

#include "hdecomp/tree.h"

namespace hdecomp::tools {

/// A step's parts, in units of the decision: shown + others - against + rest is its value. With
/// another baseline than zero the rest is the decision at it, to first order.
struct DecisionSum {
  double shown = 0, others = 0, against = 0, rest = 0;
};
DecisionSum sum_of(const Decomposition& step);

/// "the score of 4.94: the 3 channels below, of 128 in conv5_3, add 0.257; ...", a line, and below
/// it the parts as bars of one scale. `value`: "score" or "value".
std::string sum_text(const Decomposition& step, const BaselineChoice& baseline,
                     const std::string& value);

}  // namespace hdecomp::tools
