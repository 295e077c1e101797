/// From a node's name to the photograph's pixels.
#include "tools/trees/evidence_region.h"

#include <algorithm>

namespace hdecomp::tools {
namespace {

[[noreturn]] void refuse(const RegionQuestion& question, const std::string& why) {
  throw UserError(joined("--at ", question.at, ": ", why));
}

LayerInfo layer_of(const Model& model, const RegionQuestion& question, const NodeName& name) {
  try {
    model.stage_below(name.layer);  // knows the layer's name, or tells the nearest
  } catch (const UserError& fault) {
    refuse(question, fault.what());
  }
  for (const LayerInfo& layer : model.layers()) {
    const auto is_in = [&](const std::vector<std::string>& names) {
      return std::ranges::find(names, name.layer) != names.end();
    };
    const bool named = layer.name == name.layer || layer.stage == name.layer ||
                       is_in(layer.torchvision) || is_in(layer.keras);
    if (named) return layer;
  }
  refuse(question, "its layer has no map; name one that hdecomp layers lists");
}

/// As results name it.
std::string label_of(const LayerInfo& layer) {
  return layer.stage.empty() ? layer.name : layer.stage;
}

void check_place(const RegionQuestion& question, const NodeName& name, const LayerInfo& layer) {
  if (name.channel < 0 || name.channel >= layer.channels) {
    refuse(question, joined("layer ", label_of(layer), " has no channel ", name.channel,
                            "; its channels are 0 to ", layer.channels - 1));
  }
  const bool inside = name.y >= 0 && name.y < layer.height && name.x >= 0 && name.x < layer.width;
  if (inside) return;
  refuse(question, joined("position (", name.y, ", ", name.x, ") is outside the map of layer ",
                          label_of(layer), ", which is ", layer.height, " x ", layer.width));
}

/// The first node of the tree, from above, that is meant; null for none.
const TreeNode* node_in(const Tree& tree, const NodeName& name, const std::string& layer) {
  for (const TreeStep& step : distinct_steps(tree.root)) {
    for (const TreeNode& node : step.decision->children()) {
      if (node.layer != layer || node.channel != name.channel) continue;
      if (!name.has_place || (node.y == name.y && node.x == name.x)) return &node;
    }
  }
  return nullptr;
}

/// The channel as evidence of the class itself.
TreeNode straight_from_class(Explainer& explainer, const Image& photo, const Tree& tree,
                             const RegionQuestion& question, const NodeName& name) {
  StepOptions options;
  options.keep_maps = true;
  options.channels = {static_cast<int32_t>(name.channel)};
  try {
    const DecisionStep step = explainer.decompose(
        photo, joined("class:index:", tree.decision.index), name.layer, options);
    return step.decision.children().front();
  } catch (const ImageError&) {
    throw;
  } catch (const UserError& fault) {
    refuse(question, fault.what());
  }
}

PhotoRegion field_of(const Image& photo, const Model& model, const std::string& layer, int64_t y,
                     int64_t x) {
  const PixelRectangle field = model.receptive_field(layer, y, x);
  return {box_of_input(photo, model.preprocess(), field.y, field.x, field.height, field.width), {}};
}

}  // namespace

void check_region(const RegionQuestion& question) {
  if (question.mask_threshold >= 0 && question.mask_threshold < 1) return;
  throw UserError(joined("--mask-threshold ", question.mask_threshold,
                         ": give a share of the maximum, from 0 to below 1"));
}

EvidenceRegion evidence_region(Explainer& explainer, const Image& photo, const Tree& tree,
                               const RegionQuestion& question) {
  check_region(question);
  const Model& model = explainer.model();
  TreeNode made;
  const TreeNode* node = nullptr;
  EvidenceRegion found;
  if (question.at == "top") {
    if (tree.root.children().empty()) refuse(question, "nothing supports the class");
    node = &tree.root.children().front();
  } else {
    const NodeName name = node_name(question.at);
    const LayerInfo layer = layer_of(model, question, name);
    check_place(question, name, layer);
    node = node_in(tree, name, label_of(layer));
    found.in_tree = node != nullptr;
    if (node == nullptr && question.part == EvidencePart::field && name.has_place) {
      made.layer = label_of(layer);
      made.channel = name.channel;
      made.y = name.y;
      made.x = name.x;
      node = &made;
    } else if (node == nullptr) {
      made = straight_from_class(explainer, photo, tree, question, name);
      node = &made;
      found.counted = true;
    }
  }
  found.node = place_of(*node);
  found.region =
      question.part == EvidencePart::field
          ? field_of(photo, model, node->layer, node->y, node->x)
          : region_of_map(photo, model.preprocess(), *node->map, question.mask_threshold);
  if (found.region.box.width == 0) {
    refuse(question, "its mask lies over no pixel's centre; give --region field");
  }
  return found;
}

}  // namespace hdecomp::tools
