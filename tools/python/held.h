/// Results that Python holds, each with what it points into.
#pragma once

#include <memory>
#include <vector>

#include "tools/page/page_data.h"
#include "tools/python/given.h"

namespace hdecomp::python {

/// What is known of a tree's channels.
struct Beside {
  std::shared_ptr<const ChannelConcepts> concepts;  // null without
  PatchFiles patches;
  uint64_t pixels = 0;  // pixel_number() of the tree's photograph, where there are patches
  std::vector<EvidenceAgainst> against = {};
};
/// A node of a tree that its owner keeps.
struct Node {
  Owner owner;
  const TreeNode* node;
  std::shared_ptr<const Beside> beside = {};  // null without
};
/// A decomposition of a node.
struct Step {
  Owner owner;
  const Decomposition* step;
};
struct Map {
  std::shared_ptr<const ActivationMap> map;
};
/// A tree and what its page needs besides: of the photograph what the network sees alone, for many
/// trees may be kept.
struct EvidenceTree {
  std::shared_ptr<const Tree> tree;
  std::shared_ptr<const tools::PageSubject> page;  // null where the tree has no maps
  Model model;
  std::shared_ptr<const Beside> beside;
  NamedImage photo;  // for its files; no image where it is one of many
};
struct SingleStep {
  std::shared_ptr<const DecisionStep> step;
  NamedImage photo;
  Model model;
};
struct AblationResult {
  std::shared_ptr<const Ablation> ablation;
};
struct SaliencyResult {
  std::shared_ptr<const SaliencyMap> map;
  NamedImage photo;
  Model model;
};

}  // namespace hdecomp::python
