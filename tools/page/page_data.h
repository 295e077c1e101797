/// An explanation as the page (tools/viewer/) wants it: JSON with maps and lists as base64.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "hdecomp/hdecomp.h"
#include "hdecomp/json_writer.h"
#include "tools/page/page_patches.h"

namespace hdecomp::tools {

inline constexpr int64_t page_side =
    448;  // pixels of the photograph and of saliency maps on the page

/// A saliency map and its picture, which is the command's.
struct DrawnMap {
  DrawnMap(SaliencyMap made, const Image& photo, const Model& model)
      : map(std::move(made)), picture(draw_saliency(map, photo, model, page_side)) {}

  SaliencyMap map;
  Image picture;
};

/// What the page is of, besides the tree.
struct PageSubject {
  std::string image_name;
  Image view;  // the photograph as the network sees it, for the page
  int top = 3;
  std::vector<DrawnMap> maps = {};
  PatchFiles patches = {};
  uint64_t pixels = 0;  // pixel_number() of the photograph, if there are patches
};

/// A channel that was decomposed by hand.
struct AddedEvidence {
  std::string parent;               // the decision's place: "conv5_3:70@3,3"
  DecisionStep step;                // the decision and, as its only evidence, the channel
  std::optional<DecisionStep> own;  // the channel's own step, if it has one
};

/// The members of the page but its steps: photograph, model, prediction, root and saliency maps. Of
/// a tree that may have no steps yet.
void put_page_head(JsonWriter& json, const Tree& tree, const Model& model,
                   const PageSubject& subject);

/// The steps from `root` down, each once, and what was added to them by hand: an object. Nodes must
/// keep their maps, else throws Error. `sent`, if given, names steps to leave out, and takes in the
/// others.
void put_page_steps(JsonWriter& json, const TreeNode& root, const Model& model,
                    const std::vector<AddedEvidence>& added = {},
                    std::set<std::string>* sent = nullptr);

/// The member "input" of the object that is begun: the network's [height, width].
void put_input(JsonWriter& json, const Model& model);

/// A saliency map with its picture: an object.
void put_drawn_map(JsonWriter& json, const DrawnMap& drawn);

/// The guided backpropagation of all nodes below `root` that have it, by their places: an object.
void put_page_guided(JsonWriter& json, const TreeNode& root);

/// The evidence that was added: an object.
void put_page_node(JsonWriter& json, const AddedEvidence& added, const Model& model);

}  // namespace hdecomp::tools
