/// The whole evidence pyramid as one picture (the paper's Fig. 5).
#include <algorithm>
#include <cmath>

#include "hdecomp/drawing.h"
#include "hdecomp/error.h"
#include "runtime/report/canvas.h"
#include "runtime/report/heat_map.h"

namespace hdecomp {
namespace {

constexpr int64_t margin = 40, label_width = 190, root_side = 260, row_gap = 130;
constexpr int64_t least_width = 1200, most_width = 2600, largest_side = 200;
constexpr size_t most_in_row = most_width - label_width - margin;  // a pixel each
constexpr int64_t least_captioned = 56;  // pixels of a picture that has room for two words below
constexpr Colour thread_colour{206, 201, 190};

/// A node's place: its picture's upper left corner and size, and the side of the square that the
/// picture lies in.
struct Placed {
  const TreeNode* node;
  const Placed* parent;
  int64_t y = 0, x = 0, side = 0;
  PixelSize size = {};

  double middle() const { return static_cast<double>(x) + static_cast<double>(size.width) / 2; }
  double base() const { return static_cast<double>(y + size.height); }
  bool captioned() const { return side >= least_captioned; }
  Point bottom() const { return {middle(), base() + (captioned() ? 46 : 3)}; }
};

using Row = std::vector<Placed>;

size_t count_below(const Row& row) {
  size_t count = 0;
  for (const Placed& parent : row) count += parent.node->children().size();
  return count;
}

/// Empty, too, where a picture has no room for it.
Row below(const Row& row) {
  Row next;
  if (count_below(row) > most_in_row) return next;
  for (const Placed& parent : row) {
    for (const TreeNode& child : parent.node->children()) {
      next.push_back({&child, &parent});
    }
  }
  return next;
}

/// The rows from the root on that there is room for; places not yet known.
std::vector<Row> rows_of(const TreeNode& root) {
  std::vector<Row> rows{{{&root, nullptr}}};
  rows.reserve(64);  // rows point into those above
  for (Row next = below(rows.back()); !next.empty(); next = below(rows.back())) {
    rows.push_back(std::move(next));
    if (rows.size() == rows.capacity()) throw Error("draw_pyramid: a tree of too many levels");
  }
  return rows;
}

/// Places all nodes; returns the height they need.
int64_t place(std::vector<Row>& rows, int64_t width, const Preprocess& rule) {
  int64_t y = margin;
  const int64_t inside = width - label_width - margin;
  for (Row& row : rows) {
    const auto count = static_cast<int64_t>(row.size());
    const int64_t cell = std::min(inside / count, largest_side + 24);
    const int64_t side = row.front().parent == nullptr
                             ? root_side
                             : std::max<int64_t>(std::min(largest_side, cell * 9 / 10), 1);
    const PixelSize size = drawn_size(rule, side);
    int64_t x = label_width + (inside - cell * count) / 2 + (cell - size.width) / 2;
    for (Placed& placed : row) {
      placed.side = side, placed.size = size, placed.y = y, placed.x = x;
      x += cell;
    }
    y += size.height + row_gap;
  }
  return y - row_gap + 70;
}

void draw_threads(Canvas& canvas, const Row& row) {
  const auto draw = [&](const Placed& placed, Colour colour) {
    const double width = 1 + 6 * std::clamp(placed.node->share, 0.0, 1.0);
    const Point top{placed.middle(), static_cast<double>(placed.y) - 4};
    canvas.curve(placed.parent->bottom(), top, placed.captioned() ? width : 1, colour);
  };
  for (const Placed& placed : row) draw(placed, thread_colour);
  for (const Placed& placed : row) {  // the strongest evidence of each decision, on top
    if (placed.node == &placed.parent->node->children().front()) draw(placed, accent);
  }
}

void draw_row(Canvas& canvas, const Row& row, const Image& view) {
  for (const Placed& placed : row) {
    const TreeNode& node = *placed.node;
    if (!node.map) throw Error("draw_pyramid: a node keeps no activation map (keep_maps)");
    const Decomposition& step = *placed.parent->node->step;
    canvas.paste(
        overlay(view, node.map->whole(), step.height, step.width, node.y, node.x, placed.size),
        placed.y, placed.x);
    if (!placed.captioned()) continue;
    canvas.text(joined(node.channel), {placed.middle(), placed.base() + 20}, 12, ink);
    canvas.text(percent_text(node.share), {placed.middle(), placed.base() + 40}, 10, soft);
  }
  const Placed& first = row.front();
  const double middle = (static_cast<double>(first.y) + first.base()) / 2;
  const double label = margin + Canvas::text_width(first.node->layer, 14) / 2;
  canvas.text(first.node->layer, {label, middle + 7}, 14, ink);
}

/// What the levels below the last row are, where they have no room.
void tell_rest(Canvas& canvas, const Row& last, int64_t height) {
  const size_t count = count_below(last);
  if (count == 0) return;
  const std::string line = joined(count, " below, not drawn");
  canvas.text(line, {margin + Canvas::text_width(line, 10) / 2, static_cast<double>(height) - 12},
              10, soft);
}

}  // namespace

Image draw_pyramid(const Tree& tree, const Image& photo, const Model& model) {
  std::vector<Row> rows = rows_of(tree.root);
  size_t widest = 1;
  for (const Row& row : rows) widest = std::max(widest, row.size());
  const int64_t width = std::clamp(static_cast<int64_t>(widest) * 26, least_width, most_width);
  const int64_t height = place(rows, width, model.preprocess());
  Canvas canvas(height, width);
  const Image view = crop_of_photo(photo, model.preprocess(), root_side);
  const Placed& root = rows.front().front();
  canvas.paste(view, root.y, root.x);
  canvas.text(tree.decision.name, {root.middle(), root.base() + 20}, 14, ink);
  canvas.text(percent_text(tree.decision.probability), {root.middle(), root.base() + 41}, 10, soft);
  for (size_t i = 1; i < rows.size(); ++i) draw_threads(canvas, rows[i]);
  for (size_t i = 1; i < rows.size(); ++i) draw_row(canvas, rows[i], view);
  tell_rest(canvas, rows.back(), height);
  return canvas.image();
}

}  // namespace hdecomp
