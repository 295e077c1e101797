/// How close, and which part.
#include "runtime/report/close_up.h"

#include <algorithm>

#include "hdecomp/error.h"

namespace hdecomp {
namespace {

constexpr double field_of_picture = 3, closest = 5;

/// Of an axis of `pixels` the part that shows what lies from `at` on over `extent` in its middle.
ViewPart::Axis around(int64_t at, int64_t extent, int64_t pixels, double zoom) {
  const double middle =
      (static_cast<double>(at) + static_cast<double>(extent) / 2) / static_cast<double>(pixels);
  return {std::clamp(middle - 0.5 / zoom, 0.0, 1 - 1 / zoom), 1 / zoom};
}

PixelRectangle field_of(const Model& model, const TreeNode& node) {
  return model.receptive_field(node.layer, node.y, node.x);
}

}  // namespace

CloseUps::CloseUps(const Image& photo, const Model& model, const std::vector<TreeNeuron>& level,
                   const PixelSize& size, Colours colours)
    : photo_(photo), model_(model), size_(size), colours_(colours) {
  const PixelSize& input = model.preprocess().crop;
  int64_t largest = 1;
  for (const TreeNeuron& neuron : level) {
    const PixelRectangle field = field_of(model, *neuron.node);
    largest = std::max({largest, field.height, field.width});
  }
  zoom_ = std::clamp(static_cast<double>(std::min(input.height, input.width)) /
                         (field_of_picture * static_cast<double>(largest)),
                     1.0, closest);
  if (zoom_ == 1) whole_ = crop_of_photo(photo, model.preprocess(), size);
}

Image CloseUps::draw(const TreeNeuron& neuron) const {
  const TreeNode& node = *neuron.node;
  if (!node.map) throw Error("a tree is drawn whose nodes keep no activation maps (keep_maps)");
  const Decomposition& step = *neuron.parent;
  const PixelRectangle field = field_of(model_, node);
  const PixelSize& input = model_.preprocess().crop;
  ViewPart part;
  if (zoom_ > 1) {
    part.rows = around(field.y, field.height, input.height, zoom_);
    part.columns = around(field.x, field.width, input.width, zoom_);
  }
  return overlay(zoom_ > 1 ? crop_of_photo(photo_, model_.preprocess(), size_, part) : whole_,
                 node.map->whole(), step.height, step.width, node.y, node.x, size_, part, colours_);
}

}  // namespace hdecomp
