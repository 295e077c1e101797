/// EvidencePainter: the photograph is resampled once, then drawn over for every node.
#include "hdecomp/drawing.h"
#include "hdecomp/error.h"
#include "runtime/report/heat_map.h"

namespace hdecomp {

EvidencePainter::EvidencePainter(const Image& photo, const Model& model, int64_t side,
                                 Colours colours)
    : view_(crop_of_photo(photo, model.preprocess(), side)), colours_(colours) {}

Image EvidencePainter::draw(const TreeNode& node, const Decomposition& parent) const {
  if (!node.map) throw Error("EvidencePainter: the node keeps no activation map (keep_maps)");
  return overlay(view_, node.map->whole(), parent.height, parent.width, node.y, node.x,
                 {view_.height, view_.width}, {}, colours_);
}

}  // namespace hdecomp
