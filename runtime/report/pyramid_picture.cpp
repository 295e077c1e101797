/// The whole evidence pyramid as one picture (the paper's Fig. 5), each neuron once.
#include <algorithm>
#include <cmath>

#include "hdecomp/drawing.h"
#include "hdecomp/error.h"
#include "runtime/report/canvas.h"
#include "runtime/report/close_up.h"
#include "runtime/report/heat_map.h"
#include "runtime/report/picture_words.h"
#include "runtime/report/tree_neurons.h"

namespace hdecomp {
namespace {

constexpr int64_t margin = 40, label_width = 190, root_side = 260, title_height = 30;
constexpr int64_t least_width = 1200, most_width = 1800;
constexpr int64_t largest_side = 200, least_cell = 66, caption_height = 44, level_gap = 80;
constexpr int64_t most_lines = 12;  // of a level
constexpr Colour thread_colour{206, 201, 190};

/// A neuron's place: its picture's upper left corner and extents.
struct Placed {
  int64_t y = 0, x = 0, height = 0, width = 0;
  bool is_drawn = true;

  double middle() const { return static_cast<double>(x) + static_cast<double>(width) / 2; }
  double base() const { return static_cast<double>(y + height); }
  Point top() const { return {middle(), static_cast<double>(y) - 4}; }
  Point bottom() const { return {middle(), base() + static_cast<double>(caption_height)}; }
};

struct Level {
  std::vector<TreeNeuron> neurons;
  std::vector<Placed> places;
  int64_t side = 0;     // of the square that a picture lies in
  PixelSize size = {};  // of a picture
  int64_t y = 0, height = 0;
  size_t drawn = 0;
  bool in_one_line = true;
};

/// What is left of a width for pictures.
int64_t inside(int64_t width) { return width - label_width - margin; }

std::vector<Level> levels_of(const TreeNode& root, int64_t& width) {
  std::vector<Level> levels;
  size_t widest = 1;
  for (std::vector<TreeNeuron>& neurons : neurons_of(root)) {
    widest = std::max(widest, neurons.size());
    levels.emplace_back().neurons = std::move(neurons);
  }
  width = std::clamp(static_cast<int64_t>(widest) * least_cell + label_width + margin, least_width,
                     most_width);
  return levels;
}

/// Places a level's neurons from y on, in as many lines as they need; returns where it ends.
int64_t place(Level& level, int64_t y, int64_t width, const Preprocess& rule) {
  const int64_t room = inside(width), per_line = room / least_cell;
  const std::vector<bool> is_kept =
      strongest(level.neurons, static_cast<size_t>(per_line * most_lines));
  level.drawn = static_cast<size_t>(std::ranges::count(is_kept, true));
  const auto count = static_cast<int64_t>(level.drawn);
  const int64_t lines = (count + per_line - 1) / per_line, columns = (count + lines - 1) / lines;
  const int64_t cell = std::min(room / columns, largest_side + 24);
  level.side = std::min(largest_side, cell * 9 / 10);
  level.y = y;
  level.in_one_line = lines == 1;
  const PixelSize size = level.size = drawn_size(rule, level.side);
  int64_t at = 0;
  for (size_t i = 0; i < level.neurons.size(); ++i) {
    Placed& placed = level.places.emplace_back();
    placed.is_drawn = is_kept[i];
    if (!placed.is_drawn) continue;
    const int64_t line = at / columns, in_line = std::min(columns, count - line * columns);
    placed.height = size.height;
    placed.width = size.width;
    placed.y = y + line * (size.height + caption_height);
    placed.x =
        label_width + (room - cell * in_line) / 2 + (cell - size.width) / 2 + cell * (at % columns);
    ++at;
  }
  level.height = lines * (size.height + caption_height);
  return y + level.height + level_gap;
}

/// Lines to those that chose the level's neurons, the strongest evidence of each on top. Where they
/// pass behind pictures they are thin, and none is stressed.
void draw_threads(Canvas& canvas, const Level& level, const std::vector<Placed>& above) {
  for (const bool first : {false, true}) {
    for (size_t i = 0; i < level.neurons.size(); ++i) {
      for (const Chooser& chooser : level.neurons[i].choosers) {
        const Placed &from = above[chooser.decision], &to = level.places[i];
        if (chooser.is_first != first || !from.is_drawn || !to.is_drawn) continue;
        const double width = level.in_one_line ? 1 + 6 * std::clamp(chooser.share, 0.0, 1.0) : 1;
        const bool stressed = first && level.in_one_line;
        canvas.curve(from.bottom(), to.top(), width, stressed ? accent : thread_colour);
      }
    }
  }
}

void draw_pictures(Canvas& canvas, const Level& level, const CloseUps& pictures) {
  for (size_t i = 0; i < level.neurons.size(); ++i) {
    const Placed& placed = level.places[i];
    if (!placed.is_drawn) continue;
    canvas.paste(pictures.draw(level.neurons[i]), placed.y, placed.x);
    const bool is_large = level.side >= 130;
    canvas.text(joined(is_large ? "channel " : "", level.neurons[i].node->channel),
                {placed.middle(), placed.base() + 18}, is_large ? 12 : 10, ink);
    canvas.text(part_words(level.neurons[i].weight), {placed.middle(), placed.base() + 34},
                is_large ? 10 : 8, soft);
  }
}

/// The layer's name, and how many of its channels are there.
void draw_label(Canvas& canvas, const Level& level, double zoom) {
  const Decomposition& step = *level.neurons.front().parent;
  double y = static_cast<double>(level.y) + 16;
  const auto put = [&](const std::string& words, double size, Colour colour) {
    canvas.text(words, {margin / 2, y}, size, colour, Align::start);
    y += 20;
  };
  put(step.layer, 14, ink);
  put(joined(step.contribution.size(), " channels"), 9, soft);
  put(joined(step.height, " x ", step.width, " places"), 9, soft);
  const size_t all = level.neurons.size();
  put(joined(all, all == 1 ? " neuron" : " neurons"), 9, soft);
  if (level.drawn < all) put(joined(level.drawn, " drawn"), 9, soft);
  if (zoom > 1) put(closer_words(zoom), 9, soft);
}

/// Where everything lies, on whatever it is drawn.
class Pyramid {
 public:
  Pyramid(const Tree& tree, const Image& photo, const Model& model)
      : tree_(tree), photo_(photo), model_(model), levels_(levels_of(tree.root, width_)) {
    const Preprocess& rule = model.preprocess();
    const PixelSize view = drawn_size(rule, root_side);
    root_ = {{margin + title_height, label_width + (inside(width_) - view.width) / 2, view.height,
              view.width}};
    end_ = root_.front().y + view.height + caption_height + level_gap;
    for (Level& level : levels_) end_ = place(level, end_, width_, rule);
  }

  int64_t height() const { return end_ + legend_height - level_gap / 2; }
  int64_t width() const { return width_; }

  void draw(Canvas& canvas, Colours colours) const {
    draw_root(canvas);
    for (size_t i = 0; i < levels_.size(); ++i) {
      draw_threads(canvas, levels_[i], i == 0 ? root_ : levels_[i - 1].places);
    }
    for (const Level& level : levels_) {
      const int64_t fine = canvas.fineness();
      const CloseUps pictures(photo_, model_, level.neurons,
                              {fine * level.size.height, fine * level.size.width}, colours);
      draw_pictures(canvas, level, pictures);
      draw_label(canvas, level, pictures.zoom());
    }
    draw_legend(canvas, end_ - level_gap / 2, margin / 2, colours);
  }

 private:
  void draw_root(Canvas& canvas) const {
    const Placed& root = root_.front();
    const double middle = root.middle();
    canvas.text("what " + tree_.decision.name + " is made of", {middle, margin}, 14, ink);
    const int64_t fine = canvas.fineness();
    canvas.paste(crop_of_photo(photo_, model_.preprocess(),
                               PixelSize{fine * root.height, fine * root.width}),
                 root.y, root.x);
    canvas.text(tree_.decision.name, {middle, root.base() + 20}, 14, ink);
    canvas.text(value_words(tree_), {middle, root.base() + 40}, 10, soft);
  }

  const Tree& tree_;
  const Image& photo_;
  const Model& model_;
  int64_t width_ = 0, end_ = 0;
  std::vector<Level> levels_;
  std::vector<Placed> root_;
};

}  // namespace

Image draw_pyramid(const Tree& tree, const Image& photo, const Model& model, Colours colours) {
  const Pyramid pyramid(tree, photo, model);
  PixelCanvas canvas(pyramid.height(), pyramid.width());
  pyramid.draw(canvas, colours);
  return canvas.image();
}

std::string pyramid_svg(const Tree& tree, const Image& photo, const Model& model, Colours colours) {
  const Pyramid pyramid(tree, photo, model);
  SvgCanvas canvas(pyramid.height(), pyramid.width());
  pyramid.draw(canvas, colours);
  return canvas.svg();
}

std::string pyramid_pdf(const Tree& tree, const Image& photo, const Model& model, Colours colours) {
  const Pyramid pyramid(tree, photo, model);
  PdfCanvas canvas(pyramid.height(), pyramid.width());
  pyramid.draw(canvas, colours);
  return canvas.pdf();
}

}  // namespace hdecomp
