/// An explanation as the page (tools/viewer/) wants it: JSON with maps and lists as base64.
#pragma once

#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "hdecomp/hdecomp.h"

namespace hdecomp::tools {

/// Floats of 32 bits: a number is written with no more digits than it needs.
using PageJson = nlohmann::basic_json<nlohmann::ordered_map, std::vector, std::string, bool,
                                      int64_t, uint64_t, float>;

/// What the page is of, besides the tree.
struct PageSubject {
  std::string image_name;
  Image view;  // the photograph as the network sees it, for the page
  int top = 3;
};

/// The page without steps: photograph, model, prediction and root. Of a tree that may have none
/// yet.
PageJson page_head(const Tree& tree, const Model& model, const PageSubject& subject);

/// The steps of all nodes from `root` down, by their decisions: "conv5_3:70@3,3". Nodes below the
/// root must keep their maps. `sent`, if given, names steps to leave out, and takes in the others.
PageJson page_steps(const TreeNode& root, const Model& model,
                    std::set<std::string>* sent = nullptr);

/// The guided backpropagation of all nodes below `root` that have it, by their names.
PageJson page_guided(const TreeNode& root);

/// One piece of evidence; `parent` is the step that it comes from.
PageJson page_node(const TreeNode& node, const Decomposition& parent, const Model& model);

/// One line of text; bytes that are not UTF-8 are replaced.
std::string dump(const PageJson& json);

}  // namespace hdecomp::tools
