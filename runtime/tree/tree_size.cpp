/// Counting and refusing trees before they are grown.
#include "runtime/tree/tree_size.h"

#include <algorithm>
#include <cmath>

#include "hdecomp/error.h"

namespace hdecomp {
namespace {

/// Cells of layer `to` that a neuron of layer `from` can see.
int64_t cells_seen(WindowExecutor& windows, int from, int to) {
  const Window& window = windows.plan(from, to).windows.at(to);
  return std::min(window.y.size, window.y.map) * std::min(window.x.size, window.x.map);
}

constexpr int64_t a_pointer = 2 * sizeof(void*) + 32;  // with what it keeps count in

/// Of a step into level `level`, without evidence: it is held as it came and as it is shared.
int64_t step_bytes(const LevelShape& shape) {
  constexpr int64_t lists = 5;  // of floats and places, one of each per channel
  return 2 * static_cast<int64_t>(sizeof(Decomposition)) + a_pointer +
         lists * static_cast<int64_t>(sizeof(float)) * shape.channels;
}

/// Of a piece of evidence in level `level`.
int64_t node_bytes(WindowExecutor& windows, const TreeQuestion& question, size_t level) {
  int64_t bytes = sizeof(TreeNode);
  if (question.keep_maps) {
    const GapQuestion step = question.step(level);
    bytes += static_cast<int64_t>(sizeof(ActivationMap)) + a_pointer +
             static_cast<int64_t>(sizeof(float)) * cells_seen(windows, step.from, step.to);
  }
  return bytes;
}

int64_t guided_bytes(WindowExecutor& windows, int level) {
  constexpr int image = 0;
  if (level == image) return 0;
  return static_cast<int64_t>(sizeof(GuidedCrop)) + a_pointer +
         static_cast<int64_t>(sizeof(float)) * 3 * cells_seen(windows, level, image);
}

/// The largest N below question.top that there is room for; 0 for none.
int largest_top(WindowExecutor& windows, TreeQuestion question, bool guided, int64_t images) {
  int fits = 0, too_many = question.top;
  while (too_many - fits > 1) {
    question.top = fits + (too_many - fits) / 2;
    const bool has_room = largest_tree(windows, question, guided).bytes <= most_tree_bytes / images;
    (has_room ? fits : too_many) = question.top;
  }
  return fits;
}

}  // namespace

void require_top(int top) {
  if (top < 1) throw UserError(joined("--top ", top, ": give at least 1 supporting channel"));
}

void require_cover(double cover) {
  if (cover >= 0 && cover <= 1) return;
  throw UserError(joined("--cover ", cover, ": give a share above 0, at most 1"));
}

TreeSize largest_tree(WindowExecutor& windows, const TreeQuestion& question, bool guided) {
  TreeSize size;
  int64_t decisions = 1;
  for (size_t l = 0; l < question.levels.size(); ++l) {
    const LevelShape shape = level_shape(windows.graph(), question.step(l), decisions);
    const FeatureShape& map = windows.graph().shapes[question.levels[l]];
    const int64_t area = map.height * map.width;
    const int64_t each = shape.choices * std::min<int64_t>(question.peaks, area);
    size.steps += decisions;
    size.nodes += decisions * each;
    size.bytes += decisions * (step_bytes(shape) + each * node_bytes(windows, question, l));
    decisions = std::min(decisions * each, shape.channels * area);
    if (guided) size.bytes += decisions * guided_bytes(windows, question.levels[l]);
  }
  return size;
}

void require_room(WindowExecutor& windows, const TreeQuestion& question, bool guided,
                  int64_t images) {
  const TreeSize size = largest_tree(windows, question, guided);
  if (size.bytes <= most_tree_bytes / images) return;
  const int fits = largest_top(windows, question, guided, images);
  constexpr double gib = int64_t{1} << 30;
  const std::string more = images > 1 ? joined(" for each of ", images, " images") : "";
  const bool peaks = question.peaks > 1;
  throw UserError(joined(
      "--top ", question.top, peaks ? joined(" with --peaks ", question.peaks) : "", ": a tree of ",
      question.levels.size(), " levels may have ", size.steps, " distinct decisions and ",
      size.nodes, " pieces of evidence, about ", std::ceil(static_cast<double>(size.bytes) / gib),
      " GiB", more, "; there is room for ", most_tree_bytes >> 30,
      fits > 0 ? joined(": give --top ", fits, " or less, or") : ": give", " a smaller --depth",
      peaks ? " or --peaks" : "", images > 1 ? " or --batch" : ""));
}

}  // namespace hdecomp
