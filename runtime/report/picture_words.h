/// What the pictures of a whole tree have in common: the numbers below the maps, the
/// bar that says what the maps' colours are.
#pragma once

#include <cstdint>
#include <string>

#include "hdecomp/drawing.h"
#include "hdecomp/part_words.h"
#include "hdecomp/tree.h"
#include "runtime/report/canvas.h"

namespace hdecomp {

/// "128 channels, 14 x 14"
std::string layer_words(const Decomposition& step);
/// "2.6 times closer"
std::string closer_words(double zoom);
/// "score 4.94, probability 99.8 %", of a feature "F 12.3".
std::string value_words(const Tree& tree);

constexpr int64_t legend_height = 60;
/// Writes into `legend_height` rows from y on what colours and numbers mean.
void draw_legend(Canvas& canvas, int64_t y, int64_t x, Colours colours);

}  // namespace hdecomp
