/// What the what-ifs of regions and of channels have in common.
#pragma once

#include <limits>

#include "hdecomp/what_if.h"
#include "runtime/network/classification.h"

namespace hdecomp {

constexpr int all_classes = std::numeric_limits<int>::max();

/// Throws UserError for a network without classes, or a number of controls out of range.
void check_question(const Model& model, const WhatIfOptions& options);

/// Class `decision` of an image of a run, and the `count` most probable ones.
Verdict verdict_of(const Classification& scores, int64_t image, int64_t decision, int count);

}  // namespace hdecomp
