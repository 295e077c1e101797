/// A class's graph as one picture, in rows as the pyramid's.
#include <algorithm>
#include <cmath>
#include <map>

#include "hdecomp/error.h"
#include "hdecomp/graph_drawing.h"
#include "runtime/report/canvas.h"
#include "runtime/report/picture_words.h"

namespace hdecomp {
namespace {

constexpr int64_t graph_margin = 40, stage_width = 210, cell_width = 84, level_height = 240,
                  first_level = 260, root_place = 100;
constexpr double largest_disc = 26, root_disc = 18;  // radii
constexpr Colour rare{214, 209, 199};

struct Disc {
  GraphNode node;
  Point middle;
  double radius = 0;
  double words = 0;  // the height of what is written below it

  Point bottom() const { return {middle.x, middle.y + radius + words}; }
};

using DiscRow = std::vector<Disc>;

/// A level's strongest channels, each below those that lead to it, as far as neighbours let it.
DiscRow discs_of(const GraphLevel& level, const DiscRow& above, double y, int64_t width) {
  DiscRow row;
  const size_t count = std::min<size_t>(level.nodes.size(), most_drawn_channels);
  std::map<int32_t, double> places, weights;
  for (const GraphEdge& edge : level.edges) {
    for (const Disc& disc : above) {
      if (disc.node.channel != edge.above) continue;
      places[edge.below] += edge.weight * disc.middle.x;
      weights[edge.below] += edge.weight;
    }
  }
  for (size_t i = 0; i < count; ++i) {
    const GraphNode& node = level.nodes[i];
    const double strongest = level.nodes.front().weight;
    const double part = strongest > 0 ? node.weight / strongest : 0;
    const double weight = weights[node.channel];
    row.push_back({node,
                   {weight > 0 ? places[node.channel] / weight : static_cast<double>(width), y},
                   std::max(3.0, largest_disc * std::sqrt(part))});
  }
  std::ranges::stable_sort(row, {}, [](const Disc& disc) { return disc.middle.x; });
  const auto inside = static_cast<double>(width - stage_width - graph_margin);
  const double cell = inside / static_cast<double>(std::max<size_t>(count, 1));
  for (size_t i = 0; i < row.size(); ++i) {
    row[i].middle.x = stage_width + cell * (static_cast<double>(i) + 0.5);
  }
  return row;
}

/// From rare to always, by the share of the trees that have it.
Colour colour_of(int64_t trees, int64_t all) {
  const double share = all > 0 ? static_cast<double>(trees) / static_cast<double>(all) : 0;
  Colour colour;
  for (size_t c = 0; c < colour.size(); ++c) {
    colour[c] = static_cast<uint8_t>(std::lround(rare[c] + share * (accent[c] - rare[c])));
  }
  return colour;
}

void draw_edges(Canvas& canvas, const GraphLevel& level, const DiscRow& above, const DiscRow& below,
                int64_t trees) {
  for (auto edge = level.edges.rbegin(); edge != level.edges.rend(); ++edge) {  // strong on top
    const auto from =
        std::ranges::find(above, edge->above, [](const Disc& d) { return d.node.channel; });
    const auto to =
        std::ranges::find(below, edge->below, [](const Disc& d) { return d.node.channel; });
    if (from == above.end() || to == below.end()) continue;
    const double strongest = level.edges.front().weight;
    const double part = strongest > 0 ? edge->weight / strongest : 0;
    canvas.curve(from->bottom(), {to->middle.x, to->middle.y - to->radius}, 0.8 + 7 * part,
                 colour_of(edge->trees, trees));
  }
}

/// Draws discs and what is written below them; with names, a line more.
void draw_discs(Canvas& canvas, const GraphLevel& level, const DiscRow& row, int64_t trees,
                const ChannelConcepts* concepts) {
  for (const Disc& disc : row) {
    canvas.line(disc.middle, disc.middle, 2 * disc.radius, colour_of(disc.node.trees, trees));
    const auto below = [&](const std::string& words, double y, double size, Colour colour) {
      canvas.text(words, {disc.middle.x, disc.middle.y + disc.radius + y}, size, colour);
    };
    below(joined(disc.node.channel), 20, 12, ink);
    below(joined(disc.node.trees, "/", trees), 37, 9, soft);
    below(part_words(disc.node.weight), 53, 9, soft);
    const ChannelConcept* found =
        concepts != nullptr ? concepts->find(level.layer, disc.node.channel) : nullptr;
    if (found != nullptr) below(concepts->names().at(found->region).name, 68, 8, soft);
  }
}

void draw_label(Canvas& canvas, const GraphLevel& level, const DiscRow& row, double y) {
  const auto at_left = [&](const std::string& words, double size, double below) {
    canvas.text(words, {graph_margin, y + below}, size, size > 10 ? ink : soft, Align::start);
  };
  at_left(level.layer, 14, 0);
  at_left("reach " + part_words(level.reach), 9, 20);
  at_left("here " + part_words(level.held), 9, 36);
  const size_t rest = level.nodes.size() - row.size();
  if (rest > 0) at_left(joined(rest, " more"), 9, 52);
}

}  // namespace

Image draw_class_graph(const ClassGraph& graph, const Model& model,
                       const ChannelConcepts* concepts) {
  size_t widest = 6;
  for (const GraphLevel& level : graph.levels) widest = std::max(widest, level.nodes.size());
  widest = std::min<size_t>(widest, most_drawn_channels);
  const int64_t width = stage_width + graph_margin + cell_width * static_cast<int64_t>(widest);
  PixelCanvas canvas(first_level + level_height * std::ssize(graph.levels) - 100, width);
  const double middle = static_cast<double>(width + stage_width - graph_margin) / 2;
  canvas.text(model.class_name(graph.of), {middle, graph_margin + 6}, 16, ink);
  canvas.text(joined(graph.trees, graph.trees == 1 ? " tree" : " trees"),
              {middle, graph_margin + 28}, 10, soft);
  std::vector<DiscRow> rows{
      {{{static_cast<int32_t>(graph.of), graph.trees, 1}, {middle, root_place}, root_disc}}};
  double y = first_level;
  for (const GraphLevel& level : graph.levels) {
    rows.push_back(discs_of(level, rows.back(), y, width));
    for (Disc& disc : rows.back()) disc.words = concepts != nullptr ? 76 : 61;
    y += level_height;
  }
  for (size_t l = 0; l < graph.levels.size(); ++l) {
    draw_edges(canvas, graph.levels[l], rows[l], rows[l + 1], graph.trees);
  }
  const Disc& root = rows.front().front();
  canvas.line(root.middle, root.middle, 2 * root.radius, accent);
  y = first_level;
  for (size_t l = 0; l < graph.levels.size(); ++l) {
    draw_discs(canvas, graph.levels[l], rows[l + 1], graph.trees, concepts);
    draw_label(canvas, graph.levels[l], rows[l + 1], y);
    y += level_height;
  }
  return canvas.image();
}

}  // namespace hdecomp
