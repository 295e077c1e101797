/// Trees as the C interface hands them out: lists of nodes, one or several.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "hdecomp/against.h"
#include "runtime/c_api/handles.h"

/// A whole tree, or the one step of a decision; its nodes as a list.
struct hdecomp_tree {
  explicit hdecomp_tree(hdecomp::Tree made) : tree(std::move(made)) { list(tree->root); }
  explicit hdecomp_tree(hdecomp::DecisionStep made) : step(std::move(made)) {
    list(step->decision);
  }
  hdecomp_tree(const hdecomp_tree&) = delete;
  hdecomp_tree& operator=(const hdecomp_tree&) = delete;

  const hdecomp::TreeNode& node(int64_t i) const {
    if (i >= 0 && i < std::ssize(nodes)) return *nodes[i];
    throw hdecomp::UserError(hdecomp::joined("no node ", i, "; the tree has ", nodes.size()));
  }
  /// Where the children of a node begin in the list.
  int64_t first_child(const hdecomp::TreeNode& node) const {
    return node.step ? first_of_step.at(node.step.get()) : 0;
  }

  /// What speaks against decisions, by their places.
  void add_against(std::vector<hdecomp::EvidenceAgainst> found) {
    against = std::move(found);
    for (const hdecomp::EvidenceAgainst& each : against) {
      against_of.emplace(each.place, std::make_unique<hdecomp_tree>(each.step));
    }
  }

  std::optional<hdecomp::Tree> tree;
  std::optional<hdecomp::DecisionStep> step;
  std::vector<hdecomp::EvidenceAgainst> against;
  std::map<std::string, std::unique_ptr<hdecomp_tree>> against_of;
  std::vector<const hdecomp::TreeNode*> nodes;  // the root, then the evidence of each step once
  std::map<const hdecomp::Decomposition*, int64_t> first_of_step;

 private:
  void list(const hdecomp::TreeNode& root) {
    nodes.push_back(&root);
    for (size_t i = 0; i < nodes.size(); ++i) {
      const hdecomp::Decomposition* its = nodes[i]->step.get();
      if (its == nullptr || !first_of_step.emplace(its, std::ssize(nodes)).second) continue;
      for (const hdecomp::TreeNode& child : its->evidence) nodes.push_back(&child);
    }
  }
};

/// Of several images: each one's tree, or why it has none.
struct hdecomp_trees {
  void add(hdecomp::Explained& one) {
    hdecomp_explained& made = trees.emplace_back();
    if (one.tree) made.tree = std::make_unique<hdecomp_tree>(std::move(*one.tree));
    made.error = std::move(one.error);
  }
  const hdecomp_tree& tree(int64_t i) const {
    const hdecomp_explained& one = hdecomp::c_api::at(trees, i, "tree");
    if (!one.tree) throw hdecomp::ImageError(one.error);
    return *one.tree;
  }

  struct hdecomp_explained {
    std::unique_ptr<hdecomp_tree> tree;
    std::string error;
  };
  std::vector<hdecomp_explained> trees;
};

namespace hdecomp::c_api {

/// But for the callbacks.
ExplainOptions explain_options(const hdecomp_explain_options& given);
/// Of several images. Throws UserError for what is of one.
hdecomp_explain_options batch_options(const hdecomp_explain_options* options);

}  // namespace hdecomp::c_api
