/// How large a tree can become, known before it is grown.
#pragma once

#include "runtime/tree/tree_question.h"

namespace hdecomp {

/// Throws UserError if N, the supporting channels per decision, is below 1.
void require_top(int top);
/// Throws UserError if a share to cover is none: 0 (no share is asked for) to 1.
void require_cover(double cover);

/// The most that a tree of this question can hold. A level has no more distinct decisions than its
/// layer has neurons.
struct TreeSize {
  int64_t steps = 0, nodes = 0;  // distinct decisions; pieces of evidence
  int64_t bytes = 0;             // about, with the maps and the guided crops that are kept
};
TreeSize largest_tree(WindowExecutor& windows, const TreeQuestion& question, bool guided);

constexpr int64_t most_tree_bytes = int64_t{4} << 30;

/// Throws UserError, one line that says what would fit, if `images` such trees can be more than
/// most_tree_bytes.
void require_room(WindowExecutor& windows, const TreeQuestion& question, bool guided,
                  int64_t images);

}  // namespace hdecomp
