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

/// What is explained in place of a class whose score is not positive: by how much `one` is ahead of
/// it, `other`. Indices of the whole network's classes.
struct PageDifference {
  int64_t one = 0, other = 0;
  std::string words;            // that say so, a line
  std::vector<ClassScore> top;  // the whole network's most probable classes
};

/// What the page is of, besides the tree.
struct PageSubject {
  std::string image_name;
  Image view;  // the photograph as the network sees it, for the page
  int top = 3;
  std::vector<DrawnMap> maps = {};
  PatchFiles patches = {};
  uint64_t pixels = 0;  // pixel_number() of the photograph, if there are patches
  PhotoBox seen = {};   // the part of the photograph that `view` shows
  std::optional<PageDifference> difference = {};
};

/// Of a photograph as the network sees it.
PageSubject page_subject(std::string name, const Image& photo, const Model& model, int top);

/// A picture inside the page: a data URL.
std::string page_picture(const Image& view);
/// The same, to the pixel.
std::string exact_picture(const Image& view);

/// Channels of a decision's step beside its own evidence: one that was decomposed by hand, or those
/// against it.
struct AddedEvidence {
  enum class Kind { by_hand, against };

  std::string parent;               // the decision's place: "conv5_3:70@3,3"
  DecisionStep step;                // the decision and, as its only evidence, the channels
  std::optional<DecisionStep> own;  // by hand: the channel's own step, if it has one
  Kind kind = Kind::by_hand;
};

/// The member "lines" of the object that is begun: an array of text.
void put_lines(JsonWriter& json, const std::vector<std::string>& lines);

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

/// The evidence against decisions, by their places: an object of arrays.
void put_page_against(JsonWriter& json, const std::vector<AddedEvidence>& added,
                      const Model& model);

/// The evidence that was added by hand: an object.
void put_page_node(JsonWriter& json, const AddedEvidence& added, const Model& model);

}  // namespace hdecomp::tools
