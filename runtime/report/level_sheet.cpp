/// A sheet of one level: each of its neurons' maps, the strongest first.
#include <algorithm>
#include <cmath>
#include <functional>

#include "hdecomp/drawing.h"
#include "hdecomp/error.h"
#include "runtime/report/canvas.h"
#include "runtime/report/close_up.h"
#include "runtime/report/picture_words.h"
#include "runtime/report/tree_neurons.h"

namespace hdecomp {
namespace {

constexpr int64_t sheet_margin = 24, sheet_gap = 16, words_height = 46, head_height = 76;
constexpr int64_t large_columns = 6, small_columns = 12, most_on_sheet = 600;
constexpr int64_t large_map = 224, small_map = 112;  // of at most so many neurons, and of more
constexpr size_t few = 12;

std::vector<TreeNeuron> by_weight(std::vector<TreeNeuron> neurons) {
  std::ranges::stable_sort(neurons, std::greater(), &TreeNeuron::weight);
  if (neurons.size() > most_on_sheet) neurons.resize(most_on_sheet);
  return neurons;
}

/// Text from the left margin on.
void put(Canvas& canvas, const std::string& words, double y, double size, Colour colour) {
  canvas.text(words, {sheet_margin, y}, size, colour, Align::start);
}

void draw_one(Canvas& canvas, const TreeNeuron& neuron, const Image& picture, int64_t y,
              int64_t x) {
  const TreeNode& node = *neuron.node;
  canvas.paste(picture, y, x);
  const double middle = static_cast<double>(x) + static_cast<double>(picture.width) / 2;
  const auto base = static_cast<double>(y + picture.height);
  canvas.text(joined("channel ", node.channel), {middle, base + 18}, 9, ink);
  canvas.text(joined(part_words(neuron.weight), " at ", node.y, ",", node.x), {middle, base + 34},
              7, soft);
}

}  // namespace

Image draw_level(const Tree& tree, size_t level, const Image& photo, const Model& model,
                 Colours colours) {
  std::vector<std::vector<TreeNeuron>> levels = neurons_of(tree.root);
  if (level >= levels.size()) {
    throw Error(joined("draw_level: level ", level, " of ", levels.size()));
  }
  const size_t all = levels[level].size();
  const std::vector<TreeNeuron> neurons = by_weight(std::move(levels[level]));
  const auto count = static_cast<int64_t>(neurons.size());
  const bool is_large = neurons.size() <= few;
  const PixelSize size = drawn_size(model.preprocess(), is_large ? large_map : small_map);
  const CloseUps pictures(photo, model, neurons, size, colours);
  const int64_t columns = std::min(count, is_large ? large_columns : small_columns);
  const int64_t lines = (count + columns - 1) / columns;
  const int64_t cell_width = size.width + sheet_gap, cell_height = size.height + words_height;
  const int64_t bottom = head_height + lines * cell_height;
  PixelCanvas canvas(bottom + legend_height,
                     std::max<int64_t>(2 * sheet_margin + columns * cell_width, 960));
  const Decomposition& step = *neurons.front().parent;
  put(canvas, joined(step.layer, " for ", tree.decision.name), 34, 14, ink);
  put(canvas,
      joined(layer_words(step), ", ", all, all == 1 ? " neuron" : " neurons", " of the tree",
             neurons.size() < all ? joined(", the first ", count) : "",
             pictures.zoom() > 1 ? ", " + closer_words(pictures.zoom()) : ""),
      58, 9, soft);
  for (int64_t i = 0; i < count; ++i) {
    const TreeNeuron& neuron = neurons[static_cast<size_t>(i)];
    draw_one(canvas, neuron, pictures.draw(neuron), head_height + i / columns * cell_height,
             sheet_margin + i % columns * cell_width);
  }
  draw_legend(canvas, bottom + sheet_gap / 2, sheet_margin, colours);
  return canvas.image();
}

}  // namespace hdecomp
